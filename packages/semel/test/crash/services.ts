import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSemel, type Semel, type StandardSchema, topic } from 'semel';
import { peer } from 'semel/peer';
import type { Ledger, Order } from './ledger.ts';

const anOrder: StandardSchema<Order, Order> = {
  '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as Order }) },
};

/** What the shop publishes when an order is placed, and when it is charged. */
export const orders = topic('orders', { schema: anOrder, id: (o) => `${o.orderId}/placed`, key: (o) => o.customerId });
const receipts = topic('receipts', { schema: anOrder, id: (o) => `${o.orderId}/charged`, key: (o) => o.customerId });

/** The id of the order whose handler ends its process, every time. */
export const KILLER = 'killer';

const LEASE_MS = 600;
const POLICIES = { leaseMs: LEASE_MS, retry: { attempts: 100 }, group: { max: 7 } } as const;

/** The tables of effects of each service; made before anything but a migration is killed. */
export const TABLES = { shop: ['placed', 'charges', 'survived'], billing: ['booked', 'watched'] } as const;

/** The files of one run, besides those of the stores. */
export function filesOf(dir: string): Readonly<Record<'mailed' | 'pinged' | 'reached' | 'placed', string>> {
  return { mailed: join(dir, 'mailed.txt'), pinged: join(dir, 'pinged.txt'), reached: join(dir, 'reached.jsonl'), placed: join(dir, 'placed.txt') };
}

/** Service A: takes orders, charges each once, tells billing; a mailer at least once, a pinger at most once. */
export function shop<Tx>(ledger: Ledger<Tx>, dir: string): Semel<Tx> {
  const { mailed, pinged } = filesOf(dir);
  const routes = { receipts: peer(ledger.store('billing'), { name: 'billing' }) };
  const semel = createSemel({ name: 'shop', store: ledger.store('shop'), routes, relay: { leaseMs: LEASE_MS } });
  semel.consume(orders, { name: 'charge', publishes: [receipts], ...POLICIES }, async ({ message, tx, publish }) => {
    await ledger.write(tx, 'charges', message.data);
    await publish(receipts, message.data);
  });
  const { group: _, ...outside } = POLICIES;
  semel.consume(orders, { name: 'mailer', guarantee: 'at-least-once', ...outside }, ({ message }) => appendFileSync(mailed, `${message.data.orderId}\n`));
  semel.consume(orders, { name: 'pinger', guarantee: 'at-most-once', ...outside }, ({ message }) => appendFileSync(pinged, `${message.data.orderId}\n`));
  return semel;
}

/** Of service A too, in a process of its own: one message ends that process each time it is handled. */
export function fragile<Tx>(ledger: Ledger<Tx>): Semel<Tx> {
  const semel = createSemel({ name: 'shop', store: ledger.store('shop') });
  semel.consume(orders, { name: 'poisoned', ...POLICIES, retry: { attempts: Number(process.env['CRASH_ATTEMPTS'] ?? 2) } }, async ({ message, tx }) => {
    if (message.data.orderId === KILLER) process.kill(process.pid, 'SIGKILL');
    await ledger.write(tx, 'survived', message.data);
  });
  return semel;
}

/** Service B: books what the shop's relay delivers, and reads the shop's orders through a subscription of its own. */
export function billing<Tx>(ledger: Ledger<Tx>): Semel<Tx> {
  const routes = { orders: peer(ledger.store('shop'), { name: 'shop' }) };
  const semel = createSemel({ name: 'billing', store: ledger.store('billing'), routes });
  semel.consume(receipts, { name: 'book', ...POLICIES }, ({ message, tx }) => ledger.write(tx, 'booked', message.data));
  semel.consume(orders, { name: 'watch', ...POLICIES }, ({ message, tx }) => ledger.write(tx, 'watched', message.data));
  return semel;
}
