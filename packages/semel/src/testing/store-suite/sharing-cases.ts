import assert from 'node:assert/strict';
import { systemRuntime } from '../../core/runtime.ts';
import type { Store } from '../../core/store.ts';
import { deliveryOf, idsOf, kindsOf, messageOf, receiptsOf, type StoreBench } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');
const b = messageOf('b');

/** Several stores on one data: workers side by side, and one after another. */
export const sharingCases: readonly StoreCase[] = [
  {
    name: 'a restart finds records, backlog and subscriptions as they were',
    run: async (bench) => {
      await bench.join('pay');
      await bench.join('far', { kind: 'remote' });
      await bench.publish([a, b]);
      await bench.handle('pay', await bench.lease('pay', 1));
      await bench.handle('far', [deliveryOf(a)]);
      const before = await bench.store.registry.list();
      await bench.reopen();
      assert.deepEqual(await bench.store.registry.list(), before);
      assert.equal((await bench.lease('pay')).length, 1);
      assert.deepEqual(kindsOf(await bench.handle('far', [deliveryOf(a)])), ['duplicate']);
    },
  },
  {
    name: 'a second worker sees the first one’s records, and never what it has in flight',
    run: async (bench) => {
      await bench.join('pay');
      const other = await bench.another();
      await bench.publish([a, b]);
      const mine = await bench.lease('pay', 1);
      const others = (await other.queue?.lease('pay', { max: 10, leaseMs: 1_000, suspects: true })) ?? [];
      assert.deepEqual([mine.length, others.length], [1, 1]);
      assert.notDeepEqual(idsOf(mine), idsOf(others));
      assert.deepEqual(kindsOf(await bench.handle('pay', others, { store: other })), ['done']);
      assert.deepEqual(kindsOf(await bench.handle('pay', mine)), ['done']);
    },
  },
  {
    name: 'makes one effect of a message that two workers receive at once',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const other = await bench.another(systemRuntime);
      const messages = Array.from({ length: 20 }, (_, index) => messageOf(`m${index}`));
      await Promise.all(messages.flatMap((message) => [bench.store, other].map((store) => handleUntilDone(bench, store, message))));
      assert.deepEqual(await bench.effects(), messages.map(({ message }) => `pay/${message.id}`).sort());
    },
  },
  {
    name: 'four workers in two stores handle 200 messages, each exactly once',
    run: async (bench) => {
      await bench.join('pay', { ordered: true });
      const stores = [await bench.another(systemRuntime), await bench.another(systemRuntime)];
      const messages = Array.from({ length: 200 }, (_, index) => messageOf(`m${index}`, { key: `k${index % 7}` }));
      await bench.publishEach(messages);
      await Promise.all([...stores, ...stores].map((store) => drain(bench, store)));
      assert.deepEqual(await bench.effects(), messages.map(({ message }) => `pay/${message.id}`).sort());
    },
  },
  {
    name: 'refuses every use once it is closed, and closes twice',
    run: async (bench) => {
      await bench.join('pay');
      const other = await bench.another();
      await other.close();
      await other.close();
      await assert.rejects(bench.handle('pay', [deliveryOf(a)], { store: other }), { code: 'store-closed' });
      await assert.rejects(async () => other.queue?.lease('pay', { max: 1, leaseMs: 1_000, suspects: true }), { code: 'store-closed' });
      assert.deepEqual(await bench.effects(), []);
    },
  },
];

/** A worker that handles one delivery, and again where the store was busy. */
async function handleUntilDone(bench: StoreBench, store: Store, message: typeof a): Promise<void> {
  const verdicts = await bench.handle('pay', [deliveryOf(message)], { store, run: () => systemRuntime.scheduler.yield() });
  assert.ok(verdicts[0]?.kind === 'done' || verdicts[0]?.kind === 'duplicate', `it was ${verdicts[0]?.kind}`);
}

async function drain(bench: StoreBench, store: Store): Promise<void> {
  for (;;) {
    const deliveries = (await store.queue?.lease('pay', { max: 5, leaseMs: 60_000, suspects: true })) ?? [];
    if (deliveries.length === 0 && (await isEmpty(bench))) return;
    const verdicts = await bench.handle('pay', deliveries, { store, ordered: true, run: () => systemRuntime.scheduler.yield() });
    assert.deepEqual(new Set(kindsOf(verdicts)), new Set(deliveries.length > 0 ? ['done'] : []));
    await store.queue?.release('pay', receiptsOf(deliveries));
    await systemRuntime.scheduler.yield();
  }
}

async function isEmpty(bench: StoreBench): Promise<boolean> {
  const [state] = await bench.store.registry.list();
  return state?.backlog.ready === 0 && state.backlog.inFlight === 0;
}
