import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import type { Statistics } from '../statistics.ts';

const TABLE = `create table if not exists statistics (
  subject text not null,
  event text not null,
  deliveries integer not null,
  bytes integer not null,
  primary key (subject, event)
) strict, without rowid`;

const ADD = `insert into statistics (subject, event, deliveries, bytes) values (?, ?, 1, ?)
  on conflict do update set deliveries = deliveries + 1, bytes = bytes + excluded.bytes`;

/** Statistics in a file. */
export function sqliteStatistics(path: string): Statistics<SqliteTransaction> {
  return {
    store: sqlite(path),
    createTable: async (tx) => tx.exec(TABLE),
    add: async (tx, { subject, event, bytes }) => void tx.prepare(ADD).run(subject, event, bytes),
    read: async (tx) => {
      const rows = tx.prepare('select subject, event, deliveries, bytes from statistics order by subject, event').all();
      return rows.map(({ subject, event, deliveries, bytes }) => ({ subject, event, deliveries, bytes }));
    },
    close: async () => {},
  };
}
