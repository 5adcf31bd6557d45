import { expect, test } from 'vitest';
import type { StandardSchema } from './core/standard-schema.ts';
import { topic } from './core/topic.ts';
import { type ReplayOptions, replayRequestOf } from './replay-options.ts';
import { createSemel } from './semel.ts';
import { collecting } from './testing/models/collecting-store.ts';
import { memory } from './testing/models/memory-store.ts';

const schema: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } };
const orders = topic('orders', { schema, id: (id) => id });
const from = new Date('2026-03-01T00:00:00Z');
const asked: ReplayOptions = { from, by: 'ann', reason: 'wrong tax rate' };

test('a replay makes the effects of a range again, and is on record', async () => {
  const store = memory();
  const semel = createSemel({ name: 'shop', store });
  const handled: string[] = [];
  semel.consume(orders, { name: 'payments' }, ({ message }) => void handled.push(message.data));
  const running = await semel.start();
  await semel.publish(orders, 'A1');
  await running.idle();
  const after = new Date(Date.now() + 1);
  while (Date.now() < after.getTime()) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await semel.replay('payments', { ...asked, from: new Date(0) })).toMatchObject({ consumer: 'payments', by: 'ann', reason: 'wrong tax rate', messages: 1 });
  await running.idle();
  expect(handled).toEqual(['A1', 'A1']);
  expect(await semel.replays({ consumer: 'payments' })).toMatchObject([{ by: 'ann', messages: 1 }]);
  await running.stop();
});

test('a store that cannot replay says so', async () => {
  const semel = createSemel({ name: 'shop', store: collecting() });
  await expect(semel.replay('payments', asked)).rejects.toMatchObject({ code: 'capability-missing' });
  await expect(semel.replays()).rejects.toMatchObject({ code: 'capability-missing' });
});

test('times become milliseconds', () => {
  const to = new Date('2026-03-02T00:00:00Z');
  expect(replayRequestOf('payments', { ...asked, to, ids: ['A1'] })).toEqual({
    consumer: 'payments',
    fromMs: from.getTime(),
    toMs: to.getTime(),
    ids: ['A1'],
    by: 'ann',
    reason: 'wrong tax rate',
  });
});

test.each([
  { from: '2026-03-01' },
  { from: undefined },
  { to: from },
  { ids: [] },
  { ids: ['A1', ''] },
  { by: ' ' },
  { reason: '' },
  { reason: 'x'.repeat(1_001) },
  { until: from },
])('refuses %o', (change) => {
  expect(() => replayRequestOf('payments', { ...asked, ...change } as unknown as ReplayOptions)).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
