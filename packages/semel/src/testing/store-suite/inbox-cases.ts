import assert from 'node:assert/strict';
import { isSemelError } from '../../core/errors.ts';
import { bury, deliveryOf, failFor, kindsOf, messageOf } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');
const b = messageOf('b');

/** The records of what was handled. */
export const inboxCases: readonly StoreCase[] = [
  {
    name: 'does not run a duplicate, and gives the recorded result',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const paying = bench.work('pay', [deliveryOf(a)], {}, () => [{ ok: true, result: { paid: 7 } }]);
      assert.deepEqual(await bench.commit('pay', [paying]), [{ kind: 'done', result: { paid: 7 } }]);
      assert.deepEqual(await bench.handle('pay', [deliveryOf(a, { attempt: 2 })]), [{ kind: 'duplicate', result: { paid: 7 } }]);
      assert.deepEqual(await bench.effects(), ['pay/a']);
    },
  },
  {
    name: 'gives a duplicate no result where none was recorded',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(a)]);
      assert.deepEqual(await bench.handle('pay', [deliveryOf(a)]), [{ kind: 'duplicate' }]);
    },
  },
  {
    name: 'trap 13: keeps the records of two consumers apart',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship', { kind: 'remote' });
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)])), ['done']);
      assert.deepEqual(kindsOf(await bench.handle('ship', [deliveryOf(a)])), ['done']);
      assert.deepEqual(await bench.effects(), ['pay/a', 'ship/a']);
    },
  },
  {
    name: 'trap 13: takes two identities for two, however source and id are cut',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const cuts = [
        ['shop', '1/1'],
        ['shop/1', '1'],
        ['shop/1/', '1'],
        ['shop', '/1/1'],
      ].map(([source = '', id = '']) => deliveryOf(messageOf(id, { source })));
      assert.deepEqual(kindsOf(await bench.handle('pay', cuts)), ['done', 'done', 'done', 'done']);
    },
  },
  {
    name: 'trap 54: takes one id under two sources for two messages',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const other = messageOf('a', { topic: 'refunds' });
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a), deliveryOf(other)])), ['done', 'done']);
    },
  },
  {
    name: 'trap 15: refuses another payload under a handled identity, with both fingerprints, and keeps the record',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const forged = messageOf('a', { data: { id: 'a', cents: 999 } });
      await bench.handle('pay', [deliveryOf(a)]);
      const [verdict] = await bench.handle('pay', [deliveryOf(forged)], { onFailure: bury({ reason: 'identity-conflict' }) });
      assert.ok(verdict?.kind === 'failed' && isSemelError(verdict.error, 'identity-conflict'), `it was ${verdict?.kind}`);
      assert.deepEqual([verdict.error.details.recorded, verdict.error.details.received], [a.fingerprint, forged.fingerprint]);
      assert.deepEqual([(await bench.record('pay', a))?.state, (await bench.record('pay', a))?.fingerprint], ['done', a.fingerprint]);
      await bench.deadLetters('pay', 1);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)])), ['duplicate']);
      assert.deepEqual(await bench.effects(), ['pay/a']);
    },
  },
  {
    name: 'trap 15: refuses another payload under an identity of the same batch',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const forged = messageOf('a', { data: { id: 'a', cents: 999 } });
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(forged)]);
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['done', 'failed'], ['pay/a']]);
    },
  },
  {
    name: 'buries again, without running, what has died',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(a)], { run: failFor('a'), onFailure: bury() });
      assert.equal((await bench.record('pay', a))?.state, 'dead');
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)])), ['buried']);
      assert.deepEqual(await bench.effects(), []);
      await bench.deadLetters('pay', 1);
    },
  },
  {
    name: 'keeps no record where none is claimed',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)], { claims: false })), ['done']);
      assert.equal(await bench.record('pay', a), undefined);
    },
  },
  {
    name: 'imports records of what was handled before; those it has stay',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(a)]);
      const { source } = a.message;
      const imported = [
        { source, id: 'a', fingerprint: 'another' },
        { source, id: 'b' },
        { source, id: 'c', fingerprint: 'unlike' },
      ];
      assert.equal(await bench.store.inbox.import('pay', imported), 2);
      assert.equal((await bench.record('pay', a))?.fingerprint, a.fingerprint);
      const verdicts = await bench.handle(
        'pay',
        [a, b, messageOf('c')].map((message) => deliveryOf(message)),
      );
      assert.deepEqual(kindsOf(verdicts), ['duplicate', 'duplicate', 'failed']);
      assert.deepEqual(await bench.effects(), ['pay/a']);
    },
  },
  {
    name: 'an imported record is as old as it says, and never younger than now',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const nowMs = bench.runtime.clock.now();
      const { source } = a.message;
      const imported = [
        { source, id: 'a', atMs: nowMs - 10_000 },
        { source, id: 'b', atMs: nowMs + 10_000 },
        { source, id: 'c' },
      ];
      assert.equal(await bench.store.inbox.import('pay', imported), 3);
      assert.equal(await bench.store.inbox.import('pay', imported), 0);
      await bench.store.prune({ inboxMs: 5_000 });
      const records = await Promise.all([a, b, messageOf('c')].map((message) => bench.record('pay', message)));
      assert.deepEqual(
        records.map((record) => record?.atMs),
        [undefined, nowMs, nowMs],
      );
    },
  },
];
