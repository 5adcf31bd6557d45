import { afterAll, beforeAll } from 'vitest';
import { describeWith, type ServiceName, serviceUrl } from '../services/describe-with.ts';
import { database, type TestDatabase } from '../services/postgres.ts';

/** Tests on an empty database of theirs. @param tests is given what gives its address */
export function withDatabase(title: string, tests: (url: () => string) => void, service: ServiceName = 'postgres'): void {
  describeWith(service, title, () => {
    let db: TestDatabase;

    beforeAll(async () => {
      db = await database(serviceUrl(service));
    });
    afterAll(() => db.drop());

    tests(() => db.url);
  });
}
