import assert from 'node:assert/strict';
import { attemptsOf, bury, deliveryOf, failFor, idsOf, kindsOf, messageOf, retryAfter } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const x1 = messageOf('x1', { key: 'x' });
const x2 = messageOf('x2', { key: 'x' });
const x3 = messageOf('x3', { key: 'x' });
const y1 = messageOf('y1', { key: 'y' });
const parked = retryAfter(1_000, { park: true });

/** Messages that wait: delayed by their publisher, or parked for a transport that cannot keep them. */
export const delayCases: readonly StoreCase[] = [
  {
    name: 'hands a delayed message out when it is due, to every consumer, and not before',
    run: async (bench) => {
      await bench.join('pay');
      await bench.join('ship', { ordered: true });
      const dueMs = bench.runtime.clock.now() + 10_000;
      await bench.publish([x1], { notBeforeMs: dueMs });
      await bench.runtime.advance(9_000);
      assert.deepEqual([await bench.lease('pay'), await bench.lease('ship')], [[], []]);
      assert.deepEqual([await bench.queue.nextDueMs('pay'), await bench.queue.nextDueMs('ship')], [dueMs, dueMs]);
      await bench.runtime.advance(1_001);
      assert.deepEqual([idsOf(await bench.lease('pay')), idsOf(await bench.lease('ship'))], [['x1'], ['x1']]);
    },
  },
  {
    name: "a delayed message takes its place in its key's order when it is due",
    run: async (bench) => {
      await bench.join('pay', { ordered: true });
      await bench.publish([x1], { notBeforeMs: bench.runtime.clock.now() + 10_000 });
      await bench.publish([x2]);
      const first = await bench.lease('pay');
      assert.deepEqual(idsOf(first), ['x2']);
      await bench.handle('pay', first, { ordered: true });
      await bench.runtime.advance(10_001);
      await bench.publish([x3]);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x1', 'x3']);
    },
  },
  {
    name: 'knows a delayed message by its identity before it is due',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([x1], { notBeforeMs: bench.runtime.clock.now() + 10_000 });
      await bench.publish([x1]);
      await assert.rejects(bench.publish([messageOf('x1', { key: 'x', data: 'forged' })]), { code: 'identity-conflict' });
      await bench.runtime.advance(10_001);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x1']);
    },
  },
  {
    name: 'a delayed message survives a restart',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([x1], { notBeforeMs: bench.runtime.clock.now() + 10_000 });
      await bench.reopen();
      assert.deepEqual(await bench.lease('pay'), []);
      await bench.runtime.advance(10_001);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x1']);
    },
  },
  {
    name: "keeps a transport's message that is parked, through a restart, and hands it out when it is due",
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const [verdict] = await bench.handle('pay', [deliveryOf(x1, { attempt: 3 })], { run: failFor('x1'), onFailure: parked });
      assert.ok(verdict?.kind === 'failed' && verdict.settlement.kind === 'retry' && verdict.settlement.park);
      await bench.reopen();
      assert.deepEqual(await bench.lease('pay'), []);
      await bench.runtime.advance(1_001);
      const again = await bench.lease('pay');
      assert.deepEqual(
        again.map(({ attempt, history, topic }) => [attempt, history?.length, topic]),
        [[4, 1, 'orders']],
      );
      assert.deepEqual(kindsOf(await bench.handle('pay', again)), ['done']);
      assert.deepEqual([await bench.effects(), (await bench.record('pay', x1))?.state], [['pay/x1'], 'done']);
    },
  },
  {
    name: 'makes one effect of a message that is parked and that its transport delivers again',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      await bench.handle('pay', [deliveryOf(x1)], { ordered: true, run: failFor('x1'), onFailure: parked });
      const [again] = await bench.handle('pay', [deliveryOf(x1)], { ordered: true });
      assert.deepEqual(again, { kind: 'held', parked: true });
      await bench.runtime.advance(1_001);
      const leased = await bench.lease('pay');
      assert.deepEqual(idsOf(leased), ['x1']);
      assert.deepEqual(kindsOf(await bench.handle('pay', leased, { ordered: true })), ['done']);
      await bench.runtime.advance(60_000);
      assert.deepEqual([await bench.effects(), await bench.lease('pay')], [['pay/x1'], []]);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(x1)], { ordered: true })), ['duplicate']);
    },
  },
  {
    name: 'makes one effect of a parked message that is delivered again, also where no order is kept',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      for (let times = 0; times < 2; times++) await bench.handle('pay', [deliveryOf(x1)], { run: failFor('x1'), onFailure: parked });
      await bench.handle('pay', [deliveryOf(x1)]);
      await bench.runtime.advance(1_001);
      await bench.handle('pay', await bench.lease('pay'));
      await bench.runtime.advance(60_000);
      assert.deepEqual([await bench.effects(), await bench.lease('pay')], [['pay/x1'], []]);
    },
  },
  {
    name: 'parks what follows a parked message of its key, in one batch or later, and keeps their order',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      const options = { ordered: true, run: failFor('x1'), onFailure: parked };
      const batch = [x1, x2, y1].map((message) => deliveryOf(message));
      assert.deepEqual(kindsOf(await bench.handle('pay', batch, options)), ['failed', 'held', 'done']);
      assert.deepEqual(await bench.handle('pay', [deliveryOf(x3)], { ordered: true }), [{ kind: 'held', parked: true }]);
      assert.deepEqual(await bench.effects(), ['pay/y1']);
      await bench.runtime.advance(1_001);
      const leased = await bench.lease('pay');
      assert.deepEqual(
        [idsOf(leased), attemptsOf(leased)],
        [
          ['x1', 'x2', 'x3'],
          [2, 1, 1],
        ],
      );
      assert.deepEqual(kindsOf(await bench.handle('pay', leased, { ordered: true })), ['done', 'done', 'done']);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(messageOf('x4', { key: 'x' }))], { ordered: true })), ['done']);
    },
  },
  {
    name: 'trap 2: parks in the order in which it is told to, whatever another consumer has parked before',
    run: async (bench) => {
      for (const consumer of ['ship', 'pay']) await bench.join(consumer, { kind: 'remote', ordered: true });
      await bench.handle('ship', [deliveryOf(x2)], { ordered: true, run: failFor('x2'), onFailure: parked });
      const both = [deliveryOf(x1), deliveryOf(x2)];
      const verdicts = await bench.handle('pay', both, { ordered: true, run: failFor('x1'), onFailure: parked });
      assert.deepEqual([verdicts[0]?.kind, verdicts[1]], ['failed', { kind: 'held', parked: true }]);
      assert.deepEqual(await bench.handle('pay', [deliveryOf(x3)], { ordered: true }), [{ kind: 'held', parked: true }]);
      await bench.runtime.advance(1_001);
      assert.deepEqual([idsOf(await bench.lease('pay')), idsOf(await bench.lease('ship'))], [['x1', 'x2', 'x3'], ['x2']]);
    },
  },
  {
    name: 'a parked message that is published as well takes its place behind what was published before it',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      await bench.join('ship', { ordered: true });
      await bench.handle('pay', [deliveryOf(x1)], { ordered: true, run: failFor('x1'), onFailure: parked });
      for (const message of [x2, x1]) await bench.publish([message]);
      await bench.runtime.advance(1_001);
      assert.deepEqual([idsOf(await bench.lease('ship')), idsOf(await bench.lease('pay'))], [['x2', 'x1'], ['x1']]);
    },
  },
  {
    name: 'a parked message that is published for later as well is not lost to who has parked it',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      await bench.join('ship', { ordered: true });
      await bench.handle('pay', [deliveryOf(x1)], { ordered: true, run: failFor('x1'), onFailure: parked });
      await bench.publish([x1], { notBeforeMs: bench.runtime.clock.now() + 500 });
      await bench.runtime.advance(1_001);
      assert.deepEqual([idsOf(await bench.lease('ship')), idsOf(await bench.lease('pay'))], [['x1'], ['x1']]);
    },
  },
  {
    name: 'trap 15: buries what is to be parked under an identity that was published with another payload',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.publish([x1]);
      const other = deliveryOf(messageOf('x1', { key: 'x', data: { another: 'payload' } }));
      assert.deepEqual(kindsOf(await bench.handle('pay', [other], { run: failFor('x1'), onFailure: parked })), ['failed']);
      const [letter] = await bench.deadLetters('pay', 1);
      assert.deepEqual([letter?.reason, letter?.message?.data], ['identity-conflict', { another: 'payload' }]);
      await bench.runtime.advance(1_001);
      assert.deepEqual([await bench.effects(), await bench.lease('pay')], [[], []]);
    },
  },
  {
    name: "a transport's dead message that holds its key parks what follows until it is redriven",
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      await bench.handle('pay', [deliveryOf(x1)], { ordered: true, run: failFor('x1'), onFailure: bury({ holdKey: true }) });
      assert.deepEqual(await bench.handle('pay', [deliveryOf(x2)], { ordered: true }), [{ kind: 'held', parked: true }]);
      assert.deepEqual(await bench.lease('pay'), []);
      const [letter] = await bench.deadLetters('pay', 1);
      await bench.store.deadLetters.redrive(letter?.id ?? -1);
      assert.deepEqual(idsOf(await bench.lease('pay')), ['x1', 'x2']);
    },
  },
];
