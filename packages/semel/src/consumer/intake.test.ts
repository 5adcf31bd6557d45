import { expect, test } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { topic } from '../core/topic.ts';
import { createSemel } from '../semel.ts';
import { memory } from '../testing/models/memory-store.ts';
import { RETURNED } from './failures.ts';
import { takeIn } from './intake.ts';

const LIMITS = { maxBytes: 1_000, maxDepth: 10 };

/** A schema that takes a moment, as one that asks a database does. */
const schema: StandardSchema<{ readonly id: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => ((value as { readonly id: string }).id === 'bad' ? { issues: [{ message: 'is bad', path: ['id'] }] } : { value: value as { readonly id: string } }),
  },
};
const orders = topic('orders', { schema, id: ({ id }) => id });
const consumer = createSemel({ name: 'shop', store: memory() }).consume(orders, { name: 'charge', retry: { attempts: 2 } }, () => {});

function deliveryOf(id: string, given: Partial<Delivery> = {}): Delivery {
  const message = { topic: 'orders', source: 'shop/orders', id, type: 'orders', time: '2026-01-01T00:00:00Z', data: { id }, headers: {} };
  return { topic: 'orders', content: { message }, receipt: { kind: 'external' }, attempt: 1, ...given };
}

test('a schema that takes a moment is waited for, and what it refuses is a refused job with its message', async () => {
  expect(await takeIn(consumer, deliveryOf('good'), LIMITS)).toMatchObject({ message: { id: 'good', data: { id: 'good' } } });
  expect(await takeIn(consumer, deliveryOf('bad'), LIMITS)).toMatchObject({ item: { message: { id: 'bad' }, claim: {} }, refused: { code: 'schema-invalid' } });
});

test('trap 33: what ended its process as often as it may be tried is refused, with the number', async () => {
  expect(await takeIn(consumer, deliveryOf('good', { suspect: true, attempt: 2 }), LIMITS)).toHaveProperty('message');
  expect(await takeIn(consumer, deliveryOf('good', { attempt: 3 }), LIMITS)).toHaveProperty('message');
  expect(await takeIn(consumer, deliveryOf('good', { suspect: true, attempt: 3 }), LIMITS)).toMatchObject({ refused: { code: 'crashed', details: { attempts: 2 } } });
});

test('traps 33, 51: what a transport returned that cannot count is not handled from there: it goes where crashes are counted one by one', async () => {
  const returned = deliveryOf('good', { suspect: true });
  expect(await takeIn(consumer, returned, LIMITS, true)).toMatchObject({ item: { message: { id: 'good' }, claim: {} }, refused: RETURNED });
  expect(await takeIn(consumer, deliveryOf('good'), LIMITS, true)).toHaveProperty('message');
  expect(await takeIn(consumer, { ...returned, receipt: { kind: 'item', item: 1, fence: 1 } }, LIMITS, true)).toHaveProperty('message');
});
