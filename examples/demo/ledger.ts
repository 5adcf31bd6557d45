import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from 'semel';

/** What a customer is to be charged, once. */
export interface Payment {
  readonly id: string;
  readonly cents: number;
}

/** The database in which charges are written; what differs between SQLite and Postgres is in `ledgers/`. */
export interface Ledger<Tx> {
  /** Stands for a transaction where there is none: what is written with it is committed at once. */
  readonly autocommit: Tx;
  /** Makes the table. Like a card or a mailbox, it has no unique key that would refuse a second charge. */
  create(): Promise<void>;
  insert(tx: Tx, payment: Payment): Promise<void>;
  /** How often each payment was charged. */
  count(): Promise<readonly { readonly payment: string; readonly times: number }[]>;
  /** Semel's store in the same database. */
  store(): Promise<Store<Tx>>;
  close(): Promise<void>;
}

/** The handler: the same one in all three columns. */
export async function charge<Tx>(ledger: Ledger<Tx>, tx: Tx, payment: Payment): Promise<void> {
  await sleep(1); // what real handlers do before they write, and after: a crash can come there too
  await ledger.insert(tx, payment);
  await sleep(1);
}
