import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSemel, type Semel, type StandardSchema, topic } from 'semel';
import { peer } from 'semel/peer';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';

/** An order, numbered per customer so that the order of effects can be checked. */
export interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly number: number;
}

const anOrder: StandardSchema<Order, Order> = {
  '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as Order }) },
};

/** What the shop publishes when an order is placed, and when it is charged. */
export const orders = topic('orders', { schema: anOrder, id: (o) => `${o.orderId}/placed`, key: (o) => o.customerId });
const receipts = topic('receipts', { schema: anOrder, id: (o) => `${o.orderId}/charged`, key: (o) => o.customerId });

/** The id of the order whose handler ends its process, every time. */
export const KILLER = 'killer';

const EFFECTS = 'position integer primary key autoincrement, order_id text not null, customer_id text not null, number integer not null';
const LEASE_MS = 600;
const POLICIES = { leaseMs: LEASE_MS, retry: { attempts: 100 }, group: { max: 7 } } as const;

/** The files of one run. */
export function filesOf(dir: string): { readonly shop: string; readonly billing: string; readonly mailed: string; readonly pinged: string; readonly killed: string } {
  return { shop: join(dir, 'shop.db'), billing: join(dir, 'billing.db'), mailed: join(dir, 'mailed.txt'), pinged: join(dir, 'pinged.txt'), killed: join(dir, 'killed.txt') };
}

/** Service A: takes orders, charges each once, tells billing; a mailer at least once, a pinger at most once. */
export function shop(dir: string): Semel<SqliteTransaction> {
  const files = filesOf(dir);
  const semel = createSemel({ name: 'shop', store: sqlite(files.shop), routes: { receipts: peer(sqlite(files.billing), { name: 'billing' }) }, relay: { leaseMs: LEASE_MS } });
  semel.consume(orders, { name: 'charge', publishes: [receipts], ...POLICIES }, async ({ message, tx, publish }) => {
    const { orderId, customerId, number } = message.data;
    tx.prepare('insert into charges (order_id, customer_id, number) values (?, ?, ?)').run(orderId, customerId, number);
    await publish(receipts, message.data);
  });
  const { group: _, ...outside } = POLICIES;
  semel.consume(orders, { name: 'mailer', guarantee: 'at-least-once', ...outside }, ({ message }) => appendFileSync(files.mailed, `${message.data.orderId}\n`));
  semel.consume(orders, { name: 'pinger', guarantee: 'at-most-once', ...outside }, ({ message }) => appendFileSync(files.pinged, `${message.data.orderId}\n`));
  return semel;
}

/** Of service A too, in a process of its own: one message ends that process each time it is handled. */
export function fragile(dir: string): Semel<SqliteTransaction> {
  const semel = createSemel({ name: 'shop', store: sqlite(filesOf(dir).shop) });
  semel.consume(orders, { name: 'poisoned', ...POLICIES, retry: { attempts: 2 } }, ({ message, tx }) => {
    if (message.data.orderId === KILLER) process.kill(process.pid, 'SIGKILL');
    tx.prepare('insert into survived (order_id, customer_id, number) values (?, ?, ?)').run(message.data.orderId, message.data.customerId, message.data.number);
  });
  return semel;
}

/** Service B: books what the shop's relay delivers, and reads the shop's orders through a subscription of its own. */
export function billing(dir: string): Semel<SqliteTransaction> {
  const files = filesOf(dir);
  const semel = createSemel({ name: 'billing', store: sqlite(files.billing), routes: { orders: peer(sqlite(files.shop), { name: 'shop' }) } });
  semel.consume(receipts, { name: 'book', ...POLICIES }, ({ message, tx }) => {
    const { orderId, customerId, number } = message.data;
    tx.prepare('insert into booked (order_id, customer_id, number) values (?, ?, ?)').run(orderId, customerId, number);
  });
  semel.consume(orders, { name: 'watch', ...POLICIES }, ({ message, tx }) => {
    const { orderId, customerId, number } = message.data;
    tx.prepare('insert into watched (order_id, customer_id, number) values (?, ?, ?)').run(orderId, customerId, number);
  });
  return semel;
}

/** The tables of the effects; made before anything is killed. None of them has a unique key: a second effect must be able to happen to be seen. */
export const TABLES = {
  shop: ['placed', 'charges', 'survived'].map((name) => `create table if not exists ${name} (${EFFECTS}) strict;`).join(''),
  billing: ['booked', 'watched'].map((name) => `create table if not exists ${name} (${EFFECTS}) strict;`).join(''),
} as const;
