import { expect, test } from 'vitest';
import type { StandardSchema } from './core/standard-schema.ts';
import { topic } from './core/topic.ts';
import type { HandledMessage } from './import-handled.ts';
import { createSemel } from './semel.ts';
import { memory } from './testing/models/memory-store.ts';

const schema: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } };
const orders = topic('orders', { schema, id: (id) => id });
const source = 'shop/orders';

function shop() {
  const store = memory();
  const semel = createSemel({ name: 'shop', store });
  const handled: string[] = [];
  const payments = semel.consume(orders, { name: 'payments' }, ({ message }) => void handled.push(message.data));
  return { store, semel, payments, handled };
}

async function* streamed(count: number): AsyncGenerator<HandledMessage> {
  for (let index = 0; index < count; index++) yield { source, id: `old${index}` };
}

test('what was handled before is a duplicate, also for a consumer that never ran', async () => {
  const { semel, payments, handled } = shop();
  expect(await semel.importHandled(payments, [{ source, id: 'A1' }])).toBe(1);
  expect((await semel.deliver(payments, 'A1')).map(({ kind }) => kind)).toEqual(['duplicate']);
  expect((await semel.deliver(payments, 'A2')).map(({ kind }) => kind)).toEqual(['done']);
  expect(handled).toEqual(['A2']);
});

test('more than a batch, from a stream; once more changes nothing', async () => {
  const { semel, payments, store } = shop();
  expect(await semel.importHandled(payments, streamed(2_500))).toBe(2_500);
  expect(await semel.importHandled(payments, streamed(2_501))).toBe(1);
  expect(await store.inbox.get('payments', { source, id: 'old2499' })).toMatchObject({ state: 'done' });
});

test('a record is as old as the handling, so that it is pruned at its time', async () => {
  const { semel, payments, store } = shop();
  const at = new Date(Date.now() - 60_000);
  await semel.importHandled(payments, [
    { source, id: 'old', at },
    { source, id: 'new' },
  ]);
  expect(await store.inbox.get('payments', { source, id: 'old' })).toMatchObject({ atMs: at.getTime() });
  expect(await store.prune({ inboxMs: 30_000 })).toMatchObject({ inbox: 1 });
});

test.each([
  [{ source, id: '' }, 'field-missing', 'message 1 has no id'],
  [{ id: 'A1' }, 'field-missing', 'message 1 has no source'],
  [{ source, id: 'A1', at: new Date(Number.NaN) }, 'bad-option', 'message 1: `at`'],
])('refuses %o', async (wrong, code, message) => {
  const { semel, payments } = shop();
  const given = [{ source, id: 'A0' }, wrong] as unknown as readonly HandledMessage[];
  await expect(semel.importHandled(payments, given)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});
