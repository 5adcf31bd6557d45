import pg from 'pg';
import { storeSuite } from 'semel/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { clockedPostgres } from './postgres-store.ts';
import { describeWith } from './services/describe-with.ts';
import { database, type TestDatabase } from './services/postgres.ts';

describeWith('postgres', 'the Postgres store', () => {
  let db: TestDatabase;
  let pool: pg.Pool;
  let schemas = 0;

  beforeAll(async () => {
    db = await database();
    pool = new pg.Pool({ connectionString: db.url, pipeline: true, max: 20 });
    pool.on('connect', (client) => client.on('error', () => {})); // `end` resolves before the last connection is gone, and `drop` terminates it
  });
  afterAll(async () => {
    await pool.end();
    await db.drop();
  });

  storeSuite({
    test,
    name: 'postgres',
    capabilities: clockedPostgres(() => pool).capabilities,
    create: async () => {
      schemas += 1;
      const schema = `suite_${schemas}`;
      await pool.query(`create schema ${schema}; create table ${schema}.effects (key text)`);
      const open = () => clockedPostgres(() => pool, { schema, migrate: true });
      return {
        store: open(),
        effects: {
          write: async (tx, key) => void (await tx.query(`insert into ${schema}.effects values ($1)`, [key])),
          list: async () => (await pool.query(`select key from ${schema}.effects`)).rows.map(({ key }) => String(key)),
        },
        another: open,
        close: async () => void (await pool.query(`drop schema ${schema} cascade`)),
      };
    },
  });
});
