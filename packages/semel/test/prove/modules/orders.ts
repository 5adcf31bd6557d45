import { join } from 'node:path';
import { type Consumer, createSemel, type StandardSchema, type Topic, topic } from 'semel';
import type { ProveOptions } from 'semel/prove';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';

/** What the modules of these tests are about. */
export interface Order {
  readonly order: string;
  readonly cents: number;
}

const schema: StandardSchema<Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
/** Orders that were placed. */
export const orders: Topic<Order, Order> = topic('orders', { schema, id: ({ order }) => `${order}/placed` });

/** A proof of a handler that is given a file beside the database, for what it may do outside. */
export function proofOf(
  handler: (order: Order, tx: SqliteTransaction) => unknown,
  more: Partial<ProveOptions<SqliteTransaction>> = {},
): ProveOptions<SqliteTransaction> & { readonly consumer: Consumer } {
  const consumer = createSemel({ name: 'shop', store: sqlite('never-opened.db') }).consume(orders, { name: 'payments' }, ({ message, tx }) => handler(message.data, tx));
  return {
    store: ({ folder }) => sqlite(join(folder, 'shop.db')),
    consumer,
    messages: [
      { order: 'A1', cents: 1999 },
      { order: 'B7', cents: 450 },
    ],
    prepare: (db) => db.exec('drop table if exists charges; create table charges (order_id text not null, cents integer not null) strict'),
    effect: (db) => db.prepare('select order_id, cents from charges').all(),
    ...more,
  };
}

/** Charges with `tx`, as it should be. */
export function charge({ order, cents }: Order, tx: SqliteTransaction): void {
  tx.prepare('insert into charges (order_id, cents) values (?, ?)').run(order, cents);
}
