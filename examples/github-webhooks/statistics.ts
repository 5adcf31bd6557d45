import type { SqliteTransaction } from 'semel/sqlite';
import type { GitHubDelivery } from './schema.ts';

/** How much of one event came from one repository, or, where an event has none, from whatever it is about. */
export interface Statistic {
  readonly subject: string;
  readonly event: string;
  readonly deliveries: number;
  readonly bytes: number;
}

/** Makes the table, unless it is there. */
export function createTable(tx: SqliteTransaction): void {
  tx.exec(`create table if not exists statistics (
    subject text not null,
    event text not null,
    deliveries integer not null,
    bytes integer not null,
    primary key (subject, event)
  ) strict, without rowid`);
}

/** Adds one delivery. Adding is not idempotent: what is handled twice is counted twice, unless effect and record commit together. */
export function add(tx: SqliteTransaction, { subject, event, bytes }: GitHubDelivery): void {
  tx.prepare(
    `insert into statistics (subject, event, deliveries, bytes) values (?, ?, 1, ?)
      on conflict do update set deliveries = deliveries + 1, bytes = bytes + excluded.bytes`,
  ).run(subject, event, bytes);
}

/** All statistics, ordered by subject and event. */
export function readStatistics(tx: SqliteTransaction): readonly Statistic[] {
  const rows = tx.prepare('select subject, event, deliveries, bytes from statistics order by subject, event').all();
  return rows.map(({ subject, event, deliveries, bytes }) => ({ subject, event, deliveries, bytes }));
}
