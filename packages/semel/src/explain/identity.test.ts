import { createHash, randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { StandardSchema } from '../core/standard-schema.ts';
import { topic } from '../core/topic.ts';
import { type IdentityFinding, identityOf } from './identity.ts';

interface Order {
  readonly orderId: string;
  readonly customer: { readonly name: string };
  readonly lines: readonly { readonly sku: string }[];
  readonly cents: number;
  readonly previous?: Order;
}

const schema: StandardSchema<Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
let count = 0;

/** Asked twice, a millisecond apart. */
function of(id: (order: Order) => string | number): IdentityFinding {
  const orders = topic('orders', { schema, id });
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  identityOf(orders);
  vi.setSystemTime(1);
  const finding = identityOf(orders);
  vi.useRealTimers();
  return finding;
}

test.each([
  ['a member', (order: Order) => order.orderId],
  ['a text with members', (order: Order) => `${order.customer.name}/${order.orderId}/placed`],
  ['a number', (order: Order) => order.cents + 1],
  ['members of an array', (order: Order) => order.lines.map(({ sku }) => sku).join()],
  ['a walk through an array', (order: Order) => [...order.lines].map(({ sku }) => sku).join()],
  ['methods of a text', (order: Order) => order.orderId.trim().toLowerCase().padStart(8, '0')],
  ['a hash, which takes texts alone', (order: Order) => createHash('sha256').update(order.orderId).digest('hex')],
  ['a default, which real data may need', (order: Order) => order.orderId ?? randomUUID()],
  ['a constant', () => 'settings'],
])('stable: %s', (_what, id) => {
  expect(of(id)).toBe('stable');
});

test.each([
  ['chance', () => randomUUID()],
  ['chance beside a member', (order: Order) => `${order.orderId}/${Math.random()}`],
  ['the time', (order: Order) => `${order.orderId}/${Date.now()}`],
  ['the time as text', () => new Date().toISOString()],
  ['a counter', () => ++count],
  ['chance in a hash', (order: Order) => createHash('sha256').update(order.orderId).update(randomUUID()).digest('hex')],
])('unstable: %s', (_what, id) => {
  expect(of(id)).toBe('unstable');
});

test.each([
  [
    'a function that refuses what is no order',
    (order: Order) => {
      if (order.cents !== 100) throw new TypeError('no order');
      return order.orderId;
    },
  ],
  [
    'a walk that never ends on such data',
    (order: Order) => {
      let first = order;
      while (first.previous) first = first.previous;
      if (typeof order.orderId !== 'string' || order.orderId.length !== 36) throw new TypeError('no id');
      return first.orderId;
    },
  ],
])('untried: %s', (_what, id) => {
  expect(of(id)).toBe('untried');
});

test('a topic without an `id` leaves it to each publish; of several types one that is unstable is enough', () => {
  expect(identityOf(topic('orders', { schema }))).toBe('given');
  expect(identityOf(topic('orders', { types: { placed: { schema, id: (order: Order) => order.orderId }, cancelled: { schema } } }))).toBe('given');
  expect(identityOf(topic('orders', { types: { placed: { schema, id: (order: Order) => order.orderId }, cancelled: { schema, id: () => randomUUID() } } }))).toBe('unstable');
});

test('chance and counters show when it is asked for the first time', () => {
  for (const id of [() => randomUUID(), () => ++count]) expect(identityOf(topic('orders', { schema, id }))).toBe('unstable');
});
