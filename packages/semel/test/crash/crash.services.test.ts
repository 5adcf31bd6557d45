import { afterAll, beforeAll } from 'vitest';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { database, type TestDatabase, through } from '../services/postgres.ts';
import { crashTest } from './crash-test.ts';

for (const name of ['postgres-15', 'postgres-16', 'postgres-17', 'postgres'] as const) {
  describeWith(name, `crash suite on ${name}`, () => {
    let db: TestDatabase;

    beforeAll(async () => {
      db = await database(serviceUrl(name));
    });
    afterAll(() => db.drop());
    crashTest(() => db.url);
  });
}

describeWith('pgbouncer', 'crash suite through PgBouncer in transaction mode', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await database();
  });
  afterAll(() => db.drop());
  crashTest(() => through(serviceUrl('pgbouncer') ?? '', db.url));
});
