import pg from 'pg';
import type { Ledger } from '../ledger.ts';

/** What a pool has, and the transaction that Semel hands over. */
interface Writer {
  query(sql: string, values: readonly unknown[]): Promise<unknown>;
}

/** A ledger in a database of its own. */
export function postgresLedger(url: string): Ledger<Writer> {
  const pool = new pg.Pool({ connectionString: url, pipeline: true });
  pool.on('error', () => {}); // of a connection at rest: the next one is as good
  return {
    autocommit: { query: (sql, values) => pool.query(sql, [...values]) },
    create: async () => void (await pool.query('create table charges (payment text not null, cents integer not null)')),
    insert: async (tx, { id, cents }) => void (await tx.query('insert into charges (payment, cents) values ($1, $2)', [id, cents])),
    count: async () => (await pool.query('select payment, count(*)::int as times from charges group by payment')).rows,
    store: async () => (await import('semel/postgres')).postgres(pool, { migrate: true }),
    close: () => pool.end(),
  };
}
