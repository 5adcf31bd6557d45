import pg from 'pg';
import { type PostgresOptions, type PostgresTransaction, postgres } from 'semel/postgres';
import type { TestClient } from '../client.ts';

/** pg itself. */
export function open(url: string, options?: PostgresOptions): TestClient<PostgresTransaction> {
  const pool = new pg.Pool({ connectionString: url, pipeline: true });
  pool.on('error', () => {}); // a connection that a test has cut
  return {
    store: postgres(pool, options),
    sizeOption: 'max',
    insert: (tx, { id, customer }) => tx.query('insert into sales (id, customer) values ($1, $2)', [id, customer]),
    customerOf: async (tx, id) => (await tx.query('select customer from sales where id = $1', [id])).rows[0]?.['customer'],
    run: (tx, sql) => tx.query(sql),
    transaction: (body) => inTransaction(pool, body),
    close: () => pool.end(),
  };
}

async function inTransaction(pool: pg.Pool, body: (tx: PostgresTransaction) => Promise<unknown>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await body(client as PostgresTransaction);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
