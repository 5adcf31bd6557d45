import assert from 'node:assert/strict';
import type { Delivery } from '../../core/delivery.ts';
import type { WorkItem } from '../../core/store.ts';
import { bury, deliveryOf, failFor, idsOf, kindsOf, messageOf, retryAfter, type StoreBench } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a', { key: 'k' });
const b = messageOf('b');

/** Messages that gave up. */
export const deadLetterCases: readonly StoreCase[] = [
  {
    name: 'trap 41: keeps a dead message with its reason, its history and all that it carried',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('a') });
      await bench.runtime.advance(1_001);
      await dieOf(bench, 'no-such-order');
      const [letter] = await bench.deadLetters('pay', 1);
      assert.ok(letter);
      assert.deepEqual([letter.consumer, letter.topic, letter.source, letter.messageId, letter.key, letter.reason], ['pay', 'orders', 'shop/orders', 'a', 'k', 'no-such-order']);
      assert.deepEqual([letter.history.map(({ attempt }) => attempt), letter.diedAtMs], [[1, 2], bench.runtime.clock.now()]);
      assert.deepEqual(letter.message && { ...letter.message }, a.message);
      assert.deepEqual(await bench.store.deadLetters.get(letter.id), letter);
      assert.deepEqual([await bench.lease('pay'), await bench.effects()], [[], []]);
    },
  },
  {
    name: 'trap 49: a redriven message runs again under its identity, from its first attempt, once',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await dieOf(bench);
      const [letter] = await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      assert.equal(await bench.record('pay', a), undefined);
      await bench.deadLetters('pay', 0);
      const again = await bench.lease('pay');
      assert.deepEqual(
        again.map(({ attempt, history = [] }) => [attempt, history.length]),
        [[1, 0]],
      );
      assert.deepEqual(kindsOf(await bench.handle('pay', again)), ['done']);
      assert.deepEqual([await bench.effects(), await bench.lease('pay'), (await bench.record('pay', a))?.state], [['pay/a'], [], 'done']);
    },
  },
  {
    name: 'trap 49: redrives what a transport had delivered, from the queue, while its late redelivery waits or is a duplicate',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      await bench.handle('pay', [deliveryOf(a)], { run: failFor('a'), onFailure: bury(), ordered: true });
      const [letter] = await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      const late = await bench.handle('pay', [deliveryOf(a)], { ordered: true });
      assert.deepEqual(late, [{ kind: 'held', parked: true }]);
      const again = await bench.lease('pay');
      assert.deepEqual([idsOf(again), kindsOf(await bench.handle('pay', again, { ordered: true }))], [['a'], ['done']]);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)], { ordered: true })), ['duplicate']);
      assert.deepEqual([await bench.effects(), await bench.lease('pay')], [['pay/a'], []]);
    },
  },
  {
    name: 'trap 41: parks and buries what arrived, whatever the handler did to its data',
    run: async (bench) => {
      const lines = messageOf('lines', { key: 'k', data: { lines: ['x', 'y'] } });
      const arrived = JSON.parse(lines.json);
      await bench.join('pay', { kind: 'remote', ordered: true });
      await bench.handle('pay', [deliveryOf(lines)], { run: spoil, onFailure: retryAfter(0, { park: true }), ordered: true });
      await bench.runtime.advance(1);
      const parked = await bench.lease('pay');
      assert.deepEqual([dataOf(parked), parked[0]?.attempt], [[arrived], 2]);
      await bench.handle('pay', parked, { run: spoil, onFailure: bury(), ordered: true });
      const [letter] = await bench.deadLetters('pay', 1);
      assert.deepEqual(letter?.message?.data, arrived);
      spoilData(letter?.message?.data);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      assert.deepEqual(dataOf(await bench.lease('pay')), [arrived]);
    },
  },
  {
    name: 'a redriven message goes behind what waits for a retry of its key, unless it held it',
    run: async (bench) => {
      await bench.join('pay', { ordered: true });
      await bench.publish([a]);
      await dieOf(bench);
      await bench.publish([messageOf('a2', { key: 'k' })]);
      await bench.handle('pay', await bench.lease('pay'), { ordered: true, run: failFor('a2'), onFailure: retryAfter(1_000) });
      const [letter] = await bench.deadLetters('pay', 1);
      await bench.store.deadLetters.redrive(letter?.id ?? -1);
      await bench.runtime.advance(1_001);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a2', 'a']);
    },
  },
  {
    name: 'a redriven message that dies again is a dead letter again',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([b]);
      await dieOf(bench);
      const [letter] = await bench.deadLetters('pay', 1);
      await bench.store.deadLetters.redrive(letter?.id ?? -1);
      await dieOf(bench, 'again');
      const [second] = await bench.deadLetters('pay', 1);
      assert.deepEqual([second?.reason, second?.messageId, second?.history.length], ['again', 'b', 1]);
    },
  },
  {
    name: 'keeps a late redelivery of a discarded message out',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(a)], { run: failFor('a'), onFailure: bury() });
      const [letter] = await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.discard(letter?.id ?? -1), true);
      await bench.deadLetters('pay', 0);
      assert.deepEqual([kindsOf(await bench.handle('pay', [deliveryOf(a)])), await bench.effects()], [['buried'], []]);
    },
  },
  {
    name: 'says so where there is no such dead letter, or none any more',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([b]);
      await dieOf(bench);
      const [letter] = await bench.deadLetters('pay', 1);
      const id = letter?.id ?? -1;
      const { deadLetters } = bench.store;
      assert.deepEqual([await deadLetters.get(id + 1_000), await deadLetters.redrive(id + 1_000), await deadLetters.discard(id + 1_000)], [undefined, false, false]);
      assert.deepEqual([await deadLetters.redrive(id), await deadLetters.redrive(id), await deadLetters.discard(id)], [true, false, false]);
    },
  },
  {
    name: 'lists by consumer, oldest first, in pages',
    run: async (bench) => {
      await bench.join('pay');
      await bench.join('ship');
      const messages = [0, 1, 2, 3, 4].map((index) => messageOf(`m${index}`));
      for (const message of messages) {
        await bench.publish([message]);
        for (const consumer of ['pay', 'ship']) await dieOf(bench, 'reason', consumer);
      }
      const first = await bench.store.deadLetters.list({ consumer: 'pay', limit: 2 });
      const rest = await bench.store.deadLetters.list({ consumer: 'pay', afterId: first.at(-1)?.id ?? -1 });
      assert.deepEqual([first.length, [...first, ...rest].map(({ messageId }) => messageId)], [2, messages.map(({ message }) => message.id)]);
      assert.equal((await bench.store.deadLetters.list()).length, 10);
    },
  },
  {
    name: 'trap 36: keeps bytes that cannot be decoded as they are, and refuses to redrive them',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const bytes = Uint8Array.from([0x7b, 0xff, 0x00, 0xc3, 0x28]);
      const delivery = { topic: 'orders', content: { bytes }, receipt: { kind: 'external' }, attempt: 1 } as const;
      const [verdict] = await bench.handle('pay', [delivery], { run: failFor(), onFailure: bury({ reason: 'not-json' }) });
      assert.equal(verdict?.kind, 'failed');
      const [letter] = await bench.deadLetters('pay', 1);
      assert.deepEqual([letter?.reason, letter?.message, letter?.bytes && Uint8Array.from(letter.bytes)], ['not-json', undefined, bytes]);
      await assert.rejects(async () => bench.store.deadLetters.redrive(letter?.id ?? -1), { code: 'not-redrivable' });
      await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.discard(letter?.id ?? -1), true);
    },
  },
  {
    name: 'trap 15: refuses to redrive a message whose identity is that of another payload',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(b)]);
      await bench.handle('pay', [deliveryOf(messageOf('b', { data: 'forged' }))], { onFailure: bury({ reason: 'identity-conflict' }) });
      const [letter] = await bench.deadLetters('pay', 1);
      await assert.rejects(async () => bench.store.deadLetters.redrive(letter?.id ?? -1), { code: 'not-redrivable' });
      assert.equal((await bench.record('pay', b))?.state, 'done');
    },
  },
  {
    name: 'trap 49: reopens a record that says done as well: an at-most-once handler has it say so before it begins',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(b)]);
      await bench.handle('pay', [deliveryOf(b)], { claims: false, run: failFor('b'), onFailure: bury() });
      const [letter] = await bench.deadLetters('pay', 1);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      assert.equal(await bench.record('pay', b), undefined);
      assert.deepEqual(kindsOf(await bench.handle('pay', await bench.lease('pay'))), ['done']);
    },
  },
  {
    name: 'a dead letter survives a restart',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      await dieOf(bench);
      const before = await bench.deadLetters('pay', 1);
      await bench.reopen();
      assert.deepEqual(await bench.deadLetters('pay', 1), before);
    },
  },
];

function spoil(_scope: unknown, { message }: WorkItem): never {
  spoilData(message?.data);
  throw new Error('the case has it fail');
}

function spoilData(data: unknown): void {
  (data as { lines: string[] }).lines.length = 0;
}

function dataOf(deliveries: readonly Delivery[]): readonly unknown[] {
  return deliveries.map(({ content }) => ('message' in content ? content.message.data : undefined));
}

/** Leases what there is, and has it fail for good. */
async function dieOf(bench: StoreBench, reason = 'handler-failed', consumer = 'pay'): Promise<void> {
  const deliveries = await bench.lease(consumer);
  await bench.handle(consumer, deliveries, { run: failFor(...idsOf(deliveries)), onFailure: bury({ reason }) });
}
