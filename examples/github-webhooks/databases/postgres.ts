import pg from 'pg';
import { type PostgresTransaction, postgres } from 'semel/postgres';
import type { Statistic, Statistics } from '../statistics.ts';

/** Processes may start at the same time, and `if not exists` does not keep them apart. */
const ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('statistics'))";

const TABLE = `create table if not exists statistics (
  subject text collate "C" not null,
  event text collate "C" not null,
  deliveries integer not null,
  bytes bigint not null,
  primary key (subject, event)
)`;

const ADD = `insert into statistics as s (subject, event, deliveries, bytes) values ($1, $2, 1, $3)
  on conflict (subject, event) do update set deliveries = s.deliveries + 1, bytes = s.bytes + excluded.bytes`;

/** Statistics in a Postgres database; Semel's tables are in the schema `semel` beside them. */
export function postgresStatistics(url: string): Statistics<PostgresTransaction> {
  const pool = new pg.Pool({ connectionString: url, pipeline: true });
  pool.on('error', () => {}); // of a connection at rest: the next one is as good
  return {
    store: postgres(pool, { migrate: true }),
    createTable: async (tx) => {
      await tx.query(ONE_AT_A_TIME);
      await tx.query(TABLE);
    },
    add: async (tx, { subject, event, bytes }) => void (await tx.query(ADD, [subject, event, bytes])),
    read: async (tx) => (await tx.query<Statistic>('select subject, event, deliveries, bytes::float8 as bytes from statistics order by subject, event')).rows,
    close: () => pool.end(),
  };
}
