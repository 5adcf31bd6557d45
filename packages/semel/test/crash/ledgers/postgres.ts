import pg from 'pg';
import { type PostgresTransaction, postgres } from 'semel/postgres';
import type { Ledger } from '../ledger.ts';

const EFFECTS = `position bigint generated always as identity primary key, order_id text not null, customer_id text not null, number integer not null,
  writer text not null default current_setting('application_name')`;

/** Rows of the queue, and leases, of which none outlives its rows. */
const LEFT_OVER = 'select (select count(*) from {semel}queue)::int + (select count(*) from {semel}leases)::int as n';

/** One database, with a schema of Semel's for each service. */
export function postgresLedger(url: string): Ledger<PostgresTransaction> {
  return {
    store: (schema) => {
      const pool = new pg.Pool({ connectionString: url, pipeline: true, max: 8, application_name: String(process.pid) });
      pool.on('error', () => {}); // of connections at rest: the next one is as good
      const idleTimeoutMs = process.env['CRASH_IDLE_TIMEOUT_MS'];
      return postgres(pool, { schema, migrate: true, ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs: Number(idleTimeoutMs) }) });
    },
    makeTables: async (_, tables) => {
      const client = await connect(url);
      await client.query(tables.map((table) => `create table ${table} (${EFFECTS});`).join(''));
      await client.end();
    },
    write: async (tx, table, { orderId, customerId, number }) => {
      await tx.query(`insert into ${table} (order_id, customer_id, number) values ($1, $2, $3)`, [orderId, customerId, number]);
    },
    ids: async (tx, table) => (await tx.query(`select order_id from ${table}`)).rows.map((row) => row['order_id']),
    read: async (service) => {
      const client = await connect(url);
      return { all: async (sql) => (await client.query(sql.replaceAll('{semel}', `${service}.`))).rows, leftOver: LEFT_OVER, close: () => client.end() };
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
