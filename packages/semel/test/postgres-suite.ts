import pg from 'pg';
import { storeSuite } from 'semel/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { clockedPostgres } from './postgres-store.ts';
import { describeWith, type ServiceName, serviceUrl } from './services/describe-with.ts';
import { database, type TestDatabase, through } from './services/postgres.ts';

/** The suite of stores, on a server or through the pooler in front of one. */
export function postgresSuite(service: ServiceName): void {
  describeWith(service, `the Postgres store on ${service}`, () => {
    let db: TestDatabase;
    let pool: pg.Pool;
    let schemas = 0;

    beforeAll(async () => {
      const pooler = service === 'pgbouncer' ? serviceUrl(service) : undefined;
      db = await database(serviceUrl(pooler === undefined ? service : 'postgres'));
      pool = new pg.Pool({ connectionString: pooler === undefined ? db.url : through(pooler, db.url), pipeline: true, max: 20 });
      pool.on('connect', (client) => client.on('error', () => {})); // `end` resolves before the last connection is gone, and `drop` terminates it
    });
    afterAll(async () => {
      await pool.end();
      await db.drop();
    });

    storeSuite({
      test,
      name: service,
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
}
