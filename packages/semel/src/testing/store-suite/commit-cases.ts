import assert from 'node:assert/strict';
import { SemelError } from '../../core/errors.ts';
import { deliveryOf, failFor, idsOf, kindsOf, messageOf } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const a = messageOf('a');
const b = messageOf('b');
const c = messageOf('c');
const d = messageOf('d');
const e = messageOf('e');

/** All of a message's traces, or none. */
export const commitCases: readonly StoreCase[] = [
  {
    name: 'commits the effect, the record and the messages of a handler together',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship', { topic: 'receipts' });
      const verdicts = await bench.handle('pay', [deliveryOf(a)], { run: (scope) => scope.stage(messageOf('r', { topic: 'receipts' })) });
      assert.deepEqual(kindsOf(verdicts), ['done']);
      assert.deepEqual(await bench.effects(), ['pay/a']);
      assert.deepEqual([(await bench.record('pay', a))?.state, (await bench.record('pay', a))?.fingerprint], ['done', a.fingerprint]);
      assert.deepEqual(idsOf(await bench.lease('ship')), ['r']);
    },
  },
  {
    name: 'trap 16: keeps neither effect nor record nor message of a handler that threw, so that its retry runs',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship', { topic: 'receipts' });
      const run = async (...[scope, item]: Parameters<ReturnType<typeof failFor>>) => {
        await scope.stage(messageOf('r', { topic: 'receipts' }));
        await failFor('a')(scope, item);
      };
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)], { run })), ['failed']);
      assert.deepEqual(await bench.effects(), []);
      assert.equal(await bench.record('pay', a), undefined);
      assert.deepEqual(await bench.lease('ship'), []);
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a)])), ['done']);
      assert.deepEqual(await bench.effects(), ['pay/a']);
    },
  },
  {
    name: 'commits a business transaction whole, or rejects with what its code threw',
    run: async (bench) => {
      await bench.join('ship');
      const failing = bench.transact(async (scope) => {
        await bench.effect(scope, 'order-1');
        await scope.stage(a);
        throw new TypeError('changed my mind');
      });
      await assert.rejects(failing, TypeError);
      assert.deepEqual([await bench.effects(), await bench.lease('ship')], [[], []]);
      await bench.transact(async (scope) => {
        await bench.effect(scope, 'order-1');
        await scope.stage(a);
      });
      assert.deepEqual([await bench.effects(), idsOf(await bench.lease('ship'))], [['order-1'], ['a']]);
    },
  },
  {
    name: 'trap 41: undoes the failing ones of a group alone, and keeps their neighbours',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      await bench.join('ship', { topic: 'receipts' });
      const run = async (...[scope, item]: Parameters<ReturnType<typeof failFor>>) => {
        await scope.stage(messageOf(`r-${item.message?.id}`, { topic: 'receipts' }));
        await failFor('b', 'd')(scope, item);
      };
      const verdicts = await bench.handle(
        'pay',
        [a, b, c, d, e].map((message) => deliveryOf(message)),
        { run },
      );
      assert.deepEqual(kindsOf(verdicts), ['done', 'failed', 'done', 'failed', 'done']);
      assert.deepEqual(await bench.effects(), ['pay/a', 'pay/c', 'pay/e']);
      assert.deepEqual(idsOf(await bench.lease('ship')), ['r-a', 'r-c', 'r-e']);
      assert.equal(await bench.record('pay', b), undefined);
    },
  },
  {
    name: 'releases a failed message that is not to blame, with its error, and records nothing of it',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], { run: failFor('a'), onFailure: () => undefined });
      assert.deepEqual(kindsOf(verdicts), ['released', 'done']);
      assert.ok(verdicts[0]?.kind === 'released' && verdicts[0].error instanceof Error);
      assert.deepEqual([await bench.effects(), await bench.record('pay', a)], [['pay/b'], undefined]);
    },
  },
  {
    name: 'takes the trouble of another store, where a handler throws it, for the failure of its message',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const run = (_: unknown, { message }: { message?: { id: string } }) => {
        if (message?.id === 'b') throw new SemelError('store-full', 'another store is full');
      };
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], { run })), ['done', 'failed']);
      assert.deepEqual([await bench.effects(), await bench.record('pay', b)], [['pay/a'], undefined]);
    },
  },
  {
    name: 'commits what is done within the budget, and releases the rest',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const run = () => bench.runtime.jump(30);
      const deliveries = [a, b, c, d].map((message) => deliveryOf(message));
      assert.deepEqual(kindsOf(await bench.handle('pay', deliveries, { run, budgetMs: 50 })), ['done', 'done', 'released', 'released']);
      assert.deepEqual(await bench.effects(), ['pay/a', 'pay/b']);
      assert.deepEqual(kindsOf(await bench.handle('pay', deliveries)), ['duplicate', 'duplicate', 'done', 'done']);
    },
  },
  {
    name: 'runs the first work of a group even when the budget is spent, so that it always gets on',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], { budgetMs: 0 })), ['done', 'released']);
    },
  },
  {
    name: 'begins nothing new once the signal has aborted',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const stop = new AbortController();
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], { run: () => stop.abort(), signal: stop.signal });
      assert.deepEqual([kindsOf(verdicts), await bench.effects()], [['done', 'released'], ['pay/a']]);
    },
  },
  {
    name: 'runs works at once where they commute, and commits them all',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      let running = 0;
      let meet = () => {};
      const both = new Promise<void>((resolve) => {
        meet = resolve;
      });
      const run = async () => {
        running += 1;
        if (running === 2) meet();
        await both;
      };
      assert.deepEqual(kindsOf(await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], { run, concurrent: true })), ['done', 'done']);
      assert.deepEqual(await bench.effects(), ['pay/a', 'pay/b']);
    },
  },
  {
    name: 'tells the fate of a unit of work: committed, or aborted',
    run: async (bench) => {
      await bench.transact((scope) => bench.effect(scope, 'x'), { unit: 'kept' });
      await assert.rejects(
        bench.transact(() => Promise.reject(new TypeError('no')), { unit: 'undone' }),
        TypeError,
      );
      assert.deepEqual([await bench.store.resolve('kept'), await bench.store.resolve('undone'), await bench.store.resolve('never-seen')], ['committed', 'aborted', 'aborted']);
    },
  },
  {
    name: 'reports its boundaries in order, with the messages',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const seen: string[] = [];
      bench.lifecycle.observe(({ type, consumer, messages }) => {
        seen.push(`${type} ${consumer} ${messages?.map(({ id }) => id)}`);
      });
      await bench.handle('pay', [deliveryOf(a)]);
      assert.deepEqual(
        seen,
        ['begun', 'claimed', 'staged', 'committing', 'committed'].map((type) => `${type} pay a`),
      );
    },
  },
  {
    name: 'fails a work that one transaction cannot carry with `too-large`, and keeps its neighbours',
    needs: ({ maxWritesPerTransaction }) => maxWritesPerTransaction !== undefined,
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const max = bench.store.capabilities.maxWritesPerTransaction ?? 0;
      const verdicts = await bench.handle('pay', [deliveryOf(a), deliveryOf(b), deliveryOf(c)], {
        run: async (scope, { message }) => {
          for (let count = 0; message?.id === 'b' && count < max; count++) await bench.effect(scope, `many-${count}`);
        },
      });
      assert.deepEqual(kindsOf(verdicts), ['done', 'failed', 'done']);
      assert.ok(verdicts[1]?.kind === 'failed' && verdicts[1].error instanceof SemelError && verdicts[1].error.code === 'too-large');
      assert.deepEqual(await bench.effects(), ['pay/a', 'pay/c']);
    },
  },
  {
    name: 'commits more works than one transaction carries',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      const messages = Array.from({ length: 120 }, (_, index) => messageOf(`m${index}`));
      const verdicts = await bench.handle(
        'pay',
        messages.map((message) => deliveryOf(message)),
      );
      assert.deepEqual(new Set(kindsOf(verdicts)), new Set(['done']));
      assert.deepEqual(await bench.effects(), messages.map(({ message }) => `pay/${message.id}`).sort());
    },
  },
  {
    name: 'answers an empty commit with no verdicts',
    run: async (bench) => {
      await bench.join('pay', { kind: 'remote' });
      assert.deepEqual(await bench.commit('pay', []), []);
    },
  },
];
