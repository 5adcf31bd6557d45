import assert from 'node:assert/strict';
import { systemRuntime } from '../../core/runtime.ts';
import type { Replay, ReplayRequest, Store } from '../../core/store.ts';
import { bury, deliveryOf, failFor, idsOf, kindsOf, messageOf, retryAfter, type StoreBench } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');
const b = messageOf('b');
const c = messageOf('c');
const MINUTE_MS = 60_000;

const cases: readonly StoreCase[] = [
  {
    name: 'trap 49: what was handled runs again under its identity, from its first attempt, once for each replay',
    run: async (bench) => {
      await handled(bench, a, b);
      assert.equal((await replay(bench)).messages, 2);
      assert.equal(await bench.record('pay', a), undefined);
      const again = await bench.lease('pay');
      assert.deepEqual(
        [idsOf(again), again.map(({ attempt }) => attempt)],
        [
          ['a', 'b'],
          [1, 1],
        ],
      );
      assert.deepEqual(kindsOf(await bench.handle('pay', again)), ['done', 'done']);
      assert.deepEqual([await bench.lease('pay'), await bench.effects()], [[], ['pay/a', 'pay/a', 'pay/b', 'pay/b']]);
      assert.equal((await replay(bench)).messages, 2);
    },
  },
  {
    name: 'takes what was published from the beginning of its range on and before its end, and of that the ids named',
    run: async (bench) => {
      const startMs = bench.runtime.clock.now();
      await bench.join('pay');
      for (const message of [a, b, c]) {
        await handleOne(bench, 'pay', message);
        await bench.runtime.advance(MINUTE_MS);
      }
      const taken = (range: Partial<ReplayRequest>) => replaysOf(bench).count({ consumer: 'pay', fromMs: startMs, ...range });
      assert.deepEqual([await taken({}), await taken({ fromMs: startMs + 1 }), await taken({ toMs: startMs + 2 * MINUTE_MS }), await taken({ ids: ['c', 'x'] })], [3, 2, 2, 1]);
      await replay(bench, { fromMs: startMs + MINUTE_MS, toMs: startMs + 2 * MINUTE_MS });
      await replay(bench, { fromMs: startMs, ids: ['c', 'x'] });
      assert.deepEqual([...idsOf(await bench.lease('pay'))].sort(), ['b', 'c']);
    },
  },
  {
    name: 'leaves what waits, is in flight or is delayed as it is',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([a]);
      const flying = await bench.lease('pay');
      await bench.publish([b]);
      await bench.publish([c], { notBeforeMs: bench.runtime.clock.now() + MINUTE_MS });
      await bench.runtime.advance(1);
      assert.equal((await replay(bench)).messages, 0);
      assert.deepEqual(kindsOf(await bench.handle('pay', flying)), ['done']);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['b']);
    },
  },
  {
    name: 'leaves dead letters to their redrive, and what was discarded discarded',
    run: async (bench) => {
      await handled(bench, a);
      await bench.publish([b, c]);
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('b', 'c'), onFailure: bury() });
      const letters = await bench.deadLetters('pay', 2);
      await bench.store.deadLetters.discard(letters.find(({ messageId }) => messageId === 'c')?.id ?? -1);
      await bench.runtime.advance(1);
      assert.equal((await replay(bench)).messages, 1);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
      await bench.deadLetters('pay', 1);
    },
  },
  {
    name: 'concerns no other consumer, and reaches back to before its own joined',
    run: async (bench) => {
      await handled(bench, a);
      await bench.join('audit', { from: 'now' });
      await replay(bench, { consumer: 'audit' });
      assert.deepEqual([idsOf(await bench.lease('audit')), await bench.lease('pay')], [['a'], []]);
    },
  },
  {
    name: 'keeps the order of a key',
    run: async (bench) => {
      const messages = ['a', 'b', 'c', 'd'].map((id) => messageOf(id, { key: 'k' }));
      await bench.join('pay', { ordered: true });
      for (const message of messages) await handleOne(bench, 'pay', message);
      await bench.runtime.advance(1);
      await replay(bench);
      const seen: string[] = [];
      for (let deliveries = await bench.lease('pay', 2); deliveries.length > 0; deliveries = await bench.lease('pay', 2)) {
        seen.push(...idsOf(deliveries));
        await bench.handle('pay', deliveries, { ordered: true });
      }
      assert.deepEqual(seen, ['a', 'b', 'c', 'd']);
    },
  },
  {
    name: 'goes behind what waits for a retry of its key',
    run: async (bench) => {
      const [done, failed] = [messageOf('a', { key: 'k' }), messageOf('b', { key: 'k' })];
      await bench.join('pay', { ordered: true });
      await handleOne(bench, 'pay', done);
      await bench.publish([failed]);
      await bench.handle('pay', await bench.lease('pay'), { ordered: true, run: failFor('b'), onFailure: retryAfter(1_000) });
      await bench.runtime.advance(1_001);
      await replay(bench);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['b', 'a']);
    },
  },
  {
    name: 'a late redelivery by a transport and the replay are one run',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('orders>broker', { kind: 'route' });
      await bench.publish([a]);
      await bench.handle('pay', [deliveryOf(a)]);
      await bench.runtime.advance(1);
      assert.equal((await replay(bench)).messages, 1);
      await bench.handle('pay', [deliveryOf(a)]);
      await bench.handle('pay', await bench.lease('pay'));
      assert.deepEqual([await bench.effects(), await bench.lease('pay')], [['pay/a', 'pay/a'], []]);
    },
  },
  {
    name: 'records who wanted it, when, why, and how much it was, for good',
    run: async (bench) => {
      await handled(bench, a, b);
      const first = await replay(bench, { by: 'ann', reason: 'wrong tax rate', ids: ['a'] });
      await replay(bench, { by: 'bob' });
      await bench.join('audit');
      await replay(bench, { consumer: 'audit' });
      await bench.reopen();
      const nowMs = bench.runtime.clock.now();
      assert.deepEqual(plain(first), { id: first.id, consumer: 'pay', fromMs: 0, toMs: nowMs, ids: ['a'], by: 'ann', reason: 'wrong tax rate', atMs: nowMs, messages: 1 });
      const [kept, second, ...others] = await replaysOf(bench).list({ consumer: 'pay' });
      assert.deepEqual([kept && plain(kept), second?.by, second?.messages, second && 'ids' in second, others], [plain(first), 'bob', 1, false, []]);
      assert.equal((await replaysOf(bench).list()).length, 3);
    },
  },
  {
    name: 'counts without changing anything',
    run: async (bench) => {
      await handled(bench, a);
      assert.equal(await replaysOf(bench).count({ consumer: 'pay', fromMs: 0 }), 1);
      assert.deepEqual([await bench.lease('pay'), (await bench.record('pay', a))?.state, await replaysOf(bench).list()], [[], 'done', []]);
    },
  },
  {
    name: 'refuses a consumer that has not joined, and records nothing',
    run: async (bench) => {
      await assert.rejects(async () => replay(bench), { code: 'unknown-consumer' });
      await assert.rejects(async () => replaysOf(bench).count({ consumer: 'pay', fromMs: 0 }), { code: 'unknown-consumer' });
      assert.deepEqual(await replaysOf(bench).list(), []);
    },
  },
  {
    name: 'two replays at once of more than fits into one batch put in each message once',
    run: async (bench) => {
      const messages = Array.from({ length: 2_100 }, (_, index) => messageOf(`m${index}`));
      await handled(bench, ...messages);
      const runtime = { ...systemRuntime, clock: bench.runtime.clock };
      const stores = [await bench.another(runtime), await bench.another(runtime)];
      const [one, other] = await Promise.all(stores.map((store) => replay(bench, {}, store)));
      assert.equal((one?.messages ?? 0) + (other?.messages ?? 0), messages.length);
      assert.equal(new Set(idsOf(await bench.lease('pay', 5_000))).size, messages.length);
    },
  },
];

/** Repetition on purpose. */
export const replayCases: readonly StoreCase[] = cases.map((one) => ({ needs: ({ replays }) => replays, ...one }));

/** Has the messages handled by `pay`, a millisecond ago. */
async function handled(bench: StoreBench, ...messages: Parameters<StoreBench['publish']>[0]): Promise<void> {
  await bench.join('pay');
  await bench.publish(messages);
  await bench.handle('pay', await bench.lease('pay', messages.length));
  await bench.runtime.advance(1);
}

async function handleOne(bench: StoreBench, consumer: string, message: Parameters<StoreBench['publish']>[0][number]): Promise<void> {
  await bench.publish([message]);
  await bench.handle(consumer, await bench.lease(consumer));
}

function replay(bench: StoreBench, given: Partial<ReplayRequest> = {}, store: Store = bench.store): Promise<Replay> {
  return replaysOf(bench, store).replay({ consumer: 'pay', fromMs: 0, by: 'ann', reason: 'the case asks for it', ...given });
}

function replaysOf(bench: StoreBench, store: Store = bench.store): NonNullable<Store['replays']> {
  assert.ok(store.replays, 'the store declares replays and has none');
  return store.replays;
}

function plain(replay: Replay): object {
  return { ...replay };
}
