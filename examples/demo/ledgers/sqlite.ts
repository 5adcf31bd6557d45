import { DatabaseSync } from 'node:sqlite';
import type { Ledger } from '../ledger.ts';

/** What a connection has, and the transaction that Semel hands over. */
interface Writer {
  prepare(sql: string): { run(...values: (string | number)[]): unknown };
}

/** A ledger in a file. */
export function sqliteLedger(path: string): Ledger<Writer> {
  const file = new DatabaseSync(path, { timeout: 5000 });
  return {
    autocommit: file,
    create: async () => file.exec('pragma journal_mode = wal; create table charges (payment text not null, cents integer not null) strict'),
    insert: async (tx, { id, cents }) => void tx.prepare('insert into charges (payment, cents) values (?, ?)').run(id, cents),
    count: async () => {
      const rows = file.prepare('select payment, count(*) as times from charges group by payment').all();
      return rows.map(({ payment, times }) => ({ payment: String(payment), times: Number(times) }));
    },
    store: async () => (await import('semel/sqlite')).sqlite(path),
    close: async () => file.close(),
  };
}
