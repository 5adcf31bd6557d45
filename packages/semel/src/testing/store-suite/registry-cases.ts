import assert from 'node:assert/strict';
import type { SubscriptionState } from '../../core/store.ts';
import { bury, deliveryOf, failFor, idsOf, kindsOf, messageOf, retryAfter, type StoreBench } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

/** Who receives what. */
export const registryCases: readonly StoreCase[] = [
  {
    name: 'gives a late consumer what is retained: from the beginning, from now, or since a time',
    run: async (bench) => {
      await bench.publish([messageOf('a')]);
      await bench.runtime.advance(1_000);
      const sinceMs = bench.runtime.clock.now();
      await bench.publish([messageOf('b'), messageOf('other', { topic: 'receipts' })]);
      await bench.join('all', { from: 'beginning', ordered: true });
      await bench.join('none', { from: 'now' });
      await bench.join('some', { from: { sinceMs } });
      await bench.publish([messageOf('c')]);
      const received = await Promise.all(['all', 'none', 'some'].map(async (name) => [...idsOf(await bench.lease(name))].sort()));
      assert.deepEqual(received, [['a', 'b', 'c'], ['c'], ['b', 'c']]);
    },
  },
  {
    name: 'joins again without receiving anything twice',
    run: async (bench) => {
      await bench.publish([messageOf('a')]);
      await bench.join('pay', { from: 'beginning' });
      const { joinedAtMs } = await stateOf(bench, 'pay');
      await bench.runtime.advance(60_000);
      await bench.join('pay', { from: 'beginning' });
      const state = await stateOf(bench, 'pay');
      assert.deepEqual([state.joinedAtMs, state.seenAtMs, state.kind, state.topic, state.ordered], [joinedAtMs, joinedAtMs + 60_000, 'local', 'orders', false]);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
    },
  },
  {
    name: 'refuses a known name for another topic, also as a previous name, and leaves what is there as it was',
    run: async (bench) => {
      await bench.join('mail');
      await bench.join('other', { topic: 'receipts' });
      const before = await bench.store.registry.list();
      const namesBoth = { code: 'duplicate-name', message: /^(?=.*receipts)(?=.*orders)/ };
      await assert.rejects(bench.join('mail', { topic: 'receipts' }), namesBoth);
      await assert.rejects(bench.join('new', { topic: 'receipts', previousNames: ['mail'] }), namesBoth);
      await assert.rejects(bench.join('other', { topic: 'receipts', previousNames: ['mail'] }), namesBoth);
      assert.deepEqual(await bench.store.registry.list(), before);
      await bench.publish([messageOf('a')]);
      assert.deepEqual(idsOf(await bench.lease('mail')), ['a']);
    },
  },
  {
    name: 'trap 57: hands backlog, records and dead letters over to a new name',
    run: async (bench) => {
      await bench.join('pay', { ordered: true });
      await bench.publish(['done', 'dead', 'left'].map((id) => messageOf(id, { key: id })));
      const deliveries = await bench.lease('pay', 2);
      const [first = ''] = idsOf(deliveries);
      await bench.handle('pay', deliveries, { run: failFor(...idsOf(deliveries).slice(1)), onFailure: bury() });
      await bench.join('payments', { ordered: true, from: 'beginning', previousNames: ['pay', 'never-was'] });
      assert.deepEqual(
        (await bench.store.registry.list()).map(({ name }) => name),
        ['payments'],
      );
      assert.equal((await bench.record('payments', messageOf(first)))?.state, 'done');
      assert.equal((await bench.lease('payments')).length, 1);
      const [letter] = await bench.deadLetters('payments', 1);
      assert.equal(await bench.store.deadLetters.redrive(letter?.id ?? -1), true);
      assert.equal((await bench.lease('payments')).length, 1);
    },
  },
  {
    name: 'trap 57: after two names have become one, what both had parked is there once',
    run: async (bench) => {
      for (const name of ['old', 'new']) {
        await bench.join(name, { kind: 'remote', ordered: true });
        await bench.handle(name, [deliveryOf(messageOf('a'))], { run: failFor('a'), onFailure: retryAfter(1_000, { park: true }) });
      }
      await bench.join('new', { kind: 'remote', ordered: true, previousNames: ['old'] });
      await bench.runtime.advance(1_001);
      assert.deepEqual(idsOf(await bench.lease('new')), ['a']);
    },
  },
  {
    name: 'trap 57: after two names have become one, nothing that either has done can be redriven',
    run: async (bench) => {
      const [a, b, c, forged] = [messageOf('a'), messageOf('b'), messageOf('c'), messageOf('a', { data: 'forged' })];
      for (const name of ['old', 'new']) await bench.join(name, { kind: 'remote', ordered: true });
      const die = (name: string, message: typeof a) => bench.handle(name, [deliveryOf(message)], { run: failFor(message.message.id), onFailure: bury({ holdKey: true }) });
      await bench.handle('new', [deliveryOf(a)]);
      await die('old', a);
      await bench.handle('old', [deliveryOf(b)]);
      await die('new', b);
      await die('old', c);
      await bench.handle('old', [deliveryOf(forged)], { claims: false, run: failFor('a'), onFailure: bury({ reason: 'identity-conflict' }) });
      await bench.join('new', { kind: 'remote', ordered: true, previousNames: ['old'] });
      const letters = await bench.deadLetters('new', 2);
      assert.deepEqual(
        letters.map(({ messageId, reason }) => [messageId, reason]),
        [
          ['c', 'handler-failed'],
          ['a', 'identity-conflict'],
        ],
      );
      const again = [a, b, c].map((message) => deliveryOf(message));
      assert.deepEqual(kindsOf(await bench.handle('new', again)), ['duplicate', 'duplicate', 'buried']);
      assert.deepEqual(await bench.effects(), ['new/a', 'old/b']);
    },
  },
  {
    name: 'trap 57: a dead letter that goes because the other name has done its message lets its key go on',
    run: async (bench) => {
      const [first, second] = [messageOf('k1', { key: 'k' }), messageOf('k2', { key: 'k' })];
      for (const name of ['old', 'new']) await bench.join(name, { kind: 'remote', ordered: true });
      await bench.handle('new', [deliveryOf(first)]);
      await bench.handle('old', [deliveryOf(first)], { ordered: true, run: failFor('k1'), onFailure: bury({ holdKey: true }) });
      assert.deepEqual(await bench.handle('old', [deliveryOf(second)], { ordered: true }), [{ kind: 'held', parked: true }]);
      await bench.join('new', { kind: 'remote', ordered: true, previousNames: ['old'] });
      await bench.deadLetters('new', 0);
      assert.deepEqual(idsOf(await bench.lease('new')), ['k2']);
    },
  },
  {
    name: 'trap 57: a consumer that leaves takes its backlog, records and dead letters with it',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(['a', 'b', 'c', 'd'].map((id) => messageOf(id)));
      await bench.handle('pay', await bench.lease('pay', 2), { run: (scope, item) => failFor('b')(scope, item), onFailure: bury() });
      assert.deepEqual(await bench.store.registry.leave('pay'), { backlog: 2, records: 2, deadLetters: 1 });
      assert.deepEqual(await bench.store.registry.list(), []);
      await bench.deadLetters('pay', 0);
      assert.equal(await bench.record('pay', messageOf('a')), undefined);
      await assert.rejects(bench.store.registry.leave('pay'), { code: 'unknown-consumer' });
    },
  },
  {
    name: 'leases nothing of a paused consumer, in any worker, until it is resumed',
    run: async (bench) => {
      await bench.join('pay');
      await bench.join('ship');
      await bench.publish([messageOf('a')]);
      await bench.store.registry.pause('pay', Number.POSITIVE_INFINITY);
      const other = await bench.another();
      assert.deepEqual([await bench.lease('pay'), await other.queue?.lease('pay', { max: 1, leaseMs: 1_000, suspects: true })], [[], []]);
      assert.equal(await bench.queue.nextDueMs('pay'), undefined);
      assert.deepEqual([(await stateOf(bench, 'pay')).pausedUntilMs, await bench.store.registry.pausedUntilMs('pay')], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
      assert.deepEqual(idsOf(await bench.lease('ship')), ['a']);
      await bench.store.registry.resume('pay');
      assert.deepEqual([(await stateOf(bench, 'pay')).pausedUntilMs, await bench.store.registry.pausedUntilMs('pay')], [undefined, undefined]);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
    },
  },
  {
    name: 'ends a pause by itself at its time',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([messageOf('a')]);
      const untilMs = bench.runtime.clock.now() + 5_000;
      await bench.store.registry.pause('pay', untilMs);
      assert.deepEqual([await bench.lease('pay'), await bench.queue.nextDueMs('pay')], [[], untilMs]);
      await bench.runtime.advance(5_001);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['a']);
    },
  },
  {
    name: 'counts what is ready, in flight, retrying and held, and says when the oldest was published',
    run: async (bench) => {
      await bench.join('pay', { ordered: true });
      const oldestMs = bench.runtime.clock.now();
      await bench.publish(['held', 'retrying', 'in-flight', 'ready'].map((id) => messageOf(id, { key: id })));
      await bench.handle('pay', await bench.lease('pay', 1), { run: failFor('held'), onFailure: bury({ holdKey: true }), ordered: true });
      await bench.handle('pay', await bench.lease('pay', 1), { run: failFor('retrying'), ordered: true });
      await bench.lease('pay', 1);
      const state = await stateOf(bench, 'pay');
      assert.deepEqual({ ...state.backlog }, { ready: 1, inFlight: 1, retrying: 1, held: 1 });
      assert.deepEqual([state.oldestMs, state.deadLetters], [oldestMs, 1]);
    },
  },
  {
    name: 'refuses a consumer that has not joined',
    run: async (bench) => {
      const { registry } = bench.store;
      for (const refused of [() => bench.lease('nobody'), () => registry.pause('nobody', 1), () => registry.resume('nobody'), () => registry.leave('nobody')]) {
        await assert.rejects(refused, { code: 'unknown-consumer' });
      }
    },
  },
  {
    name: 'takes a handled message for handled after its consumer joined again under another kind',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([messageOf('a')]);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.join('pay', { kind: 'remote' });
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(messageOf('a'))])), ['duplicate']);
    },
  },
];

async function stateOf(bench: StoreBench, name: string): Promise<SubscriptionState> {
  const state = (await bench.store.registry.list()).find((candidate) => candidate.name === name);
  assert.ok(state, `${name} is not in the list`);
  return state;
}
