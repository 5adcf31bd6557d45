import assert from 'node:assert/strict';
import type { ItemResult, Scope } from '../../core/store.ts';
import { deliveryOf, failFor, kindsOf, messageOf, type StoreBench } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');
const b = messageOf('b');
const c = messageOf('c');

/** What works share, and what they do not. */
export const scopeCases: readonly StoreCase[] = [
  {
    name: 'trap 48: refuses `tx` and `stage` once their handler has settled',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      let leaked: Scope | undefined;
      const run = (scope: Scope) => {
        leaked = scope;
      };
      await bench.handle('pay', [deliveryOf(a)], { run });
      await assertOver(bench, leaked);
      assert.deepEqual(await bench.effects(), ['pay/a']);
    },
  },
  {
    name: "trap 48: refuses a forgotten await that lands in a neighbour's turn, also after a failure",
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      let leaked: Scope | undefined;
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], {
        run: async (scope, item) => {
          if (item.message?.id === 'b') return assertOver(bench, leaked);
          leaked = scope;
          await failFor('a')(scope, item);
        },
      });
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['failed', 'done'], ['pay/b']]);
    },
  },
  {
    name: 'hands a set handler the fresh ones of its messages only',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.handle('pay', [deliveryOf(b)]);
      const set = bench.work(
        'pay',
        [a, b, c].map((message) => deliveryOf(message)),
      );
      assert.deepEqual(kindsOf(await bench.commit('pay', [set])), ['done', 'duplicate', 'done']);
      assert.deepEqual(await bench.effects(), ['pay/a', 'pay/b', 'pay/c']);
    },
  },
  {
    name: 'records one failure that a set handler reports, and keeps the rest of the set',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const deliveries = [a, b, c].map((message) => deliveryOf(message));
      const results = (): readonly ItemResult[] => [{ ok: true }, { ok: false, error: new Error('not this one') }, { ok: true, result: 7 }];
      const verdicts = await bench.commit('pay', [bench.work('pay', deliveries, {}, results)]);
      assert.deepEqual(kindsOf(verdicts), ['done', 'failed', 'done']);
      assert.deepEqual([(await bench.record('pay', a))?.state, await bench.record('pay', b), (await bench.record('pay', c))?.result], ['done', undefined, 7]);
    },
  },
  {
    name: 'undoes a set whole when its handler throws, and keeps the other works',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const set = bench.work('pay', [deliveryOf(a), deliveryOf(b)], { run: failFor('b') });
      const verdicts = await bench.commit('pay', [set, bench.work('pay', [deliveryOf(c)])]);
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['failed', 'failed', 'done'], ['pay/c']]);
    },
  },
  {
    name: "trap 55: runs one identity once in a batch; the second shares the first's outcome",
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(b), deliveryOf(a)]);
      assert.deepEqual(
        [kindsOf(verdicts), await bench.effects()],
        [
          ['done', 'done', 'duplicate'],
          ['pay/a', 'pay/b'],
        ],
      );
    },
  },
  {
    name: 'trap 55: does not acknowledge the second of one identity while the first has failed',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(a)], { run: failFor('a') });
      assert.equal(verdicts[0]?.kind, 'failed');
      assert.ok(verdicts[1]?.kind === 'held' || verdicts[1]?.kind === 'released', `the second was ${verdicts[1]?.kind}`);
    },
  },
  {
    name: 'holds the later messages of a key back after a failure, where order is asked for',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote', ordered: true });
      const deliveries = ['x', 'y', 'x', 'y'].map((key, index) => deliveryOf(messageOf(`m${index}`, { key })));
      const verdicts = await bench.handle('pay', deliveries, { ordered: true, run: failFor('m0') });
      assert.deepEqual(
        [kindsOf(verdicts), await bench.effects()],
        [
          ['failed', 'done', 'held', 'done'],
          ['pay/m1', 'pay/m3'],
        ],
      );
    },
  },
];

async function assertOver(bench: StoreBench, scope: Scope | undefined): Promise<void> {
  assert.ok(scope);
  await assert.rejects(async () => bench.effect(scope, 'leaked'), { code: 'transaction-over' });
  await assert.rejects(async () => scope.stage(messageOf('leaked')), { code: 'transaction-over' });
}
