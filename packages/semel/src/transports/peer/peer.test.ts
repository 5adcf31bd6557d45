import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Lifecycle } from '../../core/lifecycle.ts';
import { systemRuntime } from '../../core/runtime.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { topic } from '../../core/topic.ts';
import type { Running } from '../../running.ts';
import { createSemel } from '../../semel.ts';
import { sqlite } from '../../stores/sqlite/index.ts';
import { peer } from './peer.ts';

interface Order {
  readonly id: string;
  readonly customer: string;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => o.id, key: (o) => o.customer });

let dir: string;
const running: Running[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'semel-peer-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop({ deadlineMs: 500 })));
  rmSync(dir, { recursive: true, force: true });
});

const file = (name: string) => sqlite(join(dir, name));

test('publishing: from one service’s file into the other’s queue, under the same identity', async () => {
  const shop = createSemel({ name: 'shop', store: file('shop.db'), routes: { orders: peer(file('billing.db'), { name: 'billing' }) } });
  const billing = createSemel({ name: 'billing', store: file('billing.db') });
  const got: string[] = [];
  billing.consume(orders, { name: 'book' }, ({ message }) => void got.push(`${message.source} ${message.id}`));
  running.push(await billing.start(), await shop.start());
  for (const id of ['a1', 'a2', 'b1']) await shop.publish(orders, { id, customer: id[0] as string });
  await expect.poll(() => got.toSorted(), { timeout: 5_000 }).toEqual(['shop/orders a1', 'shop/orders a2', 'shop/orders b1']);
});

test('subscribing: out of the other’s queue, acknowledged there after the commit here', async () => {
  const shop = createSemel({ name: 'shop', store: file('shop.db') });
  const watcher = createSemel({ name: 'watcher', store: file('watcher.db'), routes: { orders: peer(file('shop.db')) } });
  const got: string[] = [];
  let failures = 2;
  watcher.consume(orders, { name: 'watch', retry: { baseMs: 1 } }, ({ message, attempt }) => {
    if (message.data.id === 'a1' && failures-- > 0) throw new Error('no luck');
    got.push(`${message.data.id} at attempt ${attempt}`);
  });
  await shop.publish(orders, { id: 'a1', customer: 'a' });
  await shop.publish(orders, { id: 'a2', customer: 'a' });
  const watching = await watcher.start();
  running.push(watching);
  await watching.idle();
  expect(got).toEqual(['a1 at attempt 3', 'a2 at attempt 1']);
  expect((await shop.status()).find(({ name }) => name === 'watcher/watch')?.backlog).toEqual({ ready: 0, inFlight: 0, retrying: 0, held: 0 });
  await shop.close();
});

test('a message that the peer knows with another payload is dead-lettered at its route; the rest of the call goes through', async () => {
  const shop = createSemel({ name: 'shop', store: file('shop.db'), routes: { orders: peer(file('billing.db'), { name: 'billing' }) } });
  const impostor = createSemel({ name: 'shop', store: file('billing.db') });
  await impostor.publish(orders, { id: 'a1', customer: 'mallory' });
  await impostor.close();
  for (const id of ['a1', 'b1']) await shop.publish(orders, { id, customer: id[0] as string });
  running.push(await shop.start());
  await expect.poll(async () => (await shop.deadLetters.list()).map(({ messageId, reason }) => `${messageId} ${reason}`), { timeout: 5_000 }).toEqual(['a1 identity-conflict']);
  const billing = createSemel({ name: 'billing', store: file('billing.db') });
  const got: string[] = [];
  billing.consume(orders, { name: 'book' }, ({ message }) => void got.push(`${message.id} of ${message.data.customer}`));
  const booking = await billing.start();
  running.push(booking);
  await expect.poll(() => got.toSorted(), { timeout: 5_000 }).toEqual(['a1 of mallory', 'b1 of b']);
});

test('what was in flight when a subscriber died comes one at a time, all of it', async () => {
  const shop = createSemel({ name: 'shop', store: file('shop.db') });
  const watcher = createSemel({ name: 'watcher', store: file('watcher.db'), routes: { orders: peer(file('shop.db')) } });
  const got: string[] = [];
  watcher.consume(orders, { name: 'watch' }, ({ message }) => void got.push(message.data.id));
  await watcher.start().then((joined) => joined.stop());
  for (const id of ['a1', 'a2', 'b1']) await shop.publish(orders, { id, customer: id[0] as string });
  const dying = file('shop.db');
  await dying.open({ runtime: systemRuntime, lifecycle: new Lifecycle() });
  expect(await dying.queue?.lease('watcher/watch', { max: 10, leaseMs: 50, suspects: true })).toHaveLength(3);
  await dying.close();
  const watching = await watcher.start();
  running.push(watching);
  await watching.idle();
  expect(got.toSorted()).toEqual(['a1', 'a2', 'b1']);
  await shop.close();
});
