import { afterAll, beforeAll, describe } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { database, type TestDatabase } from '../services/postgres.ts';
import { crashTest } from './crash-test.ts';

describe('crash suite on SQLite', () => crashTest(() => 'sqlite'));

describeWith('postgres', 'crash suite on Postgres', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await database();
  });
  afterAll(() => db.drop());
  crashTest(() => db.url);
});
