import type { Store } from 'semel';
import type { GitHubDelivery } from './schema.ts';

/** How much of one event came from one repository, or, where an event has none, from whatever it is about. */
export interface Statistic {
  readonly subject: string;
  readonly event: string;
  readonly deliveries: number;
  readonly bytes: number;
}

/** The statistics, in the database that is Semel's store as well. Yours will be in one database: take its file of `databases/`, and leave this interface out. */
export interface Statistics<Tx> {
  readonly store: Store<Tx>;
  /** Makes the table, unless it is there. */
  createTable(tx: Tx): Promise<void>;
  /** Adds one delivery. Adding is not idempotent: what is handled twice is counted twice, unless effect and record commit together. */
  add(tx: Tx, delivery: GitHubDelivery): Promise<void>;
  /** All statistics, ordered by subject and event. */
  read(tx: Tx): Promise<readonly Statistic[]>;
  /** To be called once the store is closed. */
  close(): Promise<void>;
}
