import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a customer is to be charged, once. */
export interface Payment {
  readonly id: string;
  readonly cents: number;
}

/** What the handler needs of a database: a connection has it, and so has the transaction that Semel hands over. */
export interface Ledger {
  prepare(sql: string): { run(...values: (string | number)[]): unknown };
}

/** Opens the ledger, and makes it where there is none. Like a card or a mailbox, it has no unique key that would refuse a second charge. */
export function openLedger(path: string): DatabaseSync {
  const ledger = new DatabaseSync(path, { timeout: 5000 });
  ledger.exec('pragma journal_mode = wal; create table if not exists charges (payment text not null, cents integer not null) strict');
  return ledger;
}

/** The handler: the same one in all three columns. */
export async function charge(ledger: Ledger, payment: Payment): Promise<void> {
  await sleep(1); // what real handlers do before they write, and after: a crash can come there too
  ledger.prepare('insert into charges (payment, cents) values (?, ?)').run(payment.id, payment.cents);
  await sleep(1);
}
