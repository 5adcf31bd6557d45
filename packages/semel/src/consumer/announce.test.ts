import { expect, test } from 'vitest';
import { encodeCloudEvent } from '../core/cloudevents.ts';
import { CONSUMER_BOUNDARIES } from '../core/lifecycle.ts';
import type { Identity } from '../core/message.ts';
import { seal } from '../core/seal.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { topic } from '../core/topic.ts';
import { createSemel } from '../semel.ts';
import { ackBroker } from '../testing/models/ack-broker.ts';
import { memory } from '../testing/models/memory-store.ts';

const anything: StandardSchema<unknown, unknown> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
const identity = { source: 'shop/orders', id: 'a/placed' };

test('each boundary names its message, also one that came as bytes', async () => {
  const broker = ackBroker();
  const semel = createSemel({ name: 'shop', store: memory(), routes: { orders: broker } });
  semel.consume(topic('orders', { schema: anything }), { name: 'pay' }, () => {});
  const named = new Map<string, readonly Identity[] | undefined>();
  semel.observe(({ type, messages }) => void named.set(type, messages));
  await using running = await semel.start();
  broker.inject('orders', Buffer.from(encodeCloudEvent(seal({ ...identity, topic: 'orders', type: 'orders', time: '2026-01-01T00:00:00.000Z', data: {}, headers: {} }))));
  await expect.poll(() => named.has('settled')).toBe(true);
  expect([...named]).toEqual(CONSUMER_BOUNDARIES.map((boundary) => [boundary, [identity]]));
  await running.idle();
});
