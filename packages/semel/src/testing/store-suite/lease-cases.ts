import assert from 'node:assert/strict';
import type { Failure } from '../../core/delivery.ts';
import type { Settlement } from '../../core/store.ts';
import { attemptsOf, bury, failFor, idsOf, kindsOf, LEASE_MS, messageOf, receiptsOf, retryAfter } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const three = ['a', 'b', 'c'].map((id) => messageOf(id));

/** Claims on messages of the store's own queue, and what becomes of them. */
export const leaseCases: readonly StoreCase[] = [
  {
    name: 'hands each message to one owner, at most as many as asked for, and removes what is done',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three);
      const first = await bench.lease('pay', 2);
      const second = await bench.lease('pay', 2);
      assert.deepEqual([first.length, second.length, (await bench.lease('pay')).length], [2, 1, 0]);
      assert.deepEqual(kindsOf(await bench.handle('pay', [...first, ...second])), ['done', 'done', 'done']);
      await bench.runtime.advance(LEASE_MS * 2);
      assert.deepEqual([await bench.lease('pay'), await bench.effects()], [[], ['pay/a', 'pay/b', 'pay/c']]);
    },
  },
  {
    name: 'trap 11: refuses a zombie at the commit, keeps nothing of its work, and lets its successor finish',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const zombie = await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      const successor = await bench.lease('pay');
      assert.deepEqual(idsOf(successor), ['a']);
      assert.deepEqual(kindsOf(await bench.handle('pay', zombie)), ['lost']);
      assert.deepEqual([await bench.effects(), await bench.record('pay', messageOf('a'))], [[], undefined]);
      assert.deepEqual(kindsOf(await bench.handle('pay', successor)), ['done']);
      assert.deepEqual(kindsOf(await bench.handle('pay', zombie)), ['lost']);
      assert.deepEqual(await bench.effects(), ['pay/a']);
    },
  },
  {
    name: "trap 11: a zombie's failure, release and extension change nothing",
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const zombie = await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      const successor = await bench.lease('pay');
      assert.deepEqual(kindsOf(await bench.handle('pay', zombie, { run: failFor('a'), onFailure: bury() })), ['lost']);
      await bench.deadLetters('pay', 0);
      await bench.queue.release('pay', receiptsOf(zombie));
      assert.deepEqual(await bench.lease('pay'), []);
      assert.deepEqual(await bench.queue.extend('pay', receiptsOf(zombie), LEASE_MS), receiptsOf(zombie));
      assert.deepEqual(kindsOf(await bench.handle('pay', successor)), ['done']);
    },
  },
  {
    name: 'a zombie in a group loses its own message only',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish([messageOf('a')]);
      const zombie = await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      await bench.lease('pay');
      await bench.publish([messageOf('b')]);
      assert.deepEqual(kindsOf(await bench.handle('pay', [...zombie, ...(await bench.lease('pay'))])), ['lost', 'done']);
      assert.deepEqual(await bench.effects(), ['pay/b']);
    },
  },
  {
    name: 'an extended lease holds',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const deliveries = await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(900);
      assert.deepEqual(await bench.queue.extend('pay', receiptsOf(deliveries), 1_000), []);
      await bench.runtime.advance(900);
      assert.deepEqual(await bench.lease('pay'), []);
      assert.deepEqual(kindsOf(await bench.handle('pay', deliveries)), ['done']);
      assert.deepEqual(await bench.queue.extend('pay', receiptsOf(deliveries), 1_000), receiptsOf(deliveries));
    },
  },
  {
    name: 'a release gives back at once, at no cost, and ends the lease',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const released = await bench.lease('pay');
      await bench.queue.release('pay', receiptsOf(released));
      const [again] = await bench.lease('pay');
      assert.deepEqual([again?.attempt, again?.suspect ?? false, again?.history ?? []], [1, false, []]);
      assert.deepEqual(kindsOf(await bench.handle('pay', released)), ['lost']);
    },
  },
  {
    name: 'trap 11: what was given back is its owner’s no more, also while nobody else has it',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 2));
      const deliveries = await bench.lease('pay');
      const [released, kept] = [deliveries.slice(0, 1), deliveries.slice(1)];
      await bench.queue.release('pay', receiptsOf(released));
      assert.deepEqual([kindsOf(await bench.handle('pay', released)), await bench.effects()], [['lost'], []]);
      assert.deepEqual(kindsOf(await bench.handle('pay', [...kept, ...(await bench.lease('pay'))])), ['done', 'done']);
    },
  },
  {
    name: 'trap 19: after a lost reply, what was settled for a retry is lost, and does not run again before its time',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const deliveries = await bench.lease('pay');
      const first = await bench.handle('pay', deliveries, { run: failFor('a'), onFailure: retryAfter(1_000) });
      const again = await bench.handle('pay', deliveries);
      assert.deepEqual([kindsOf(first), kindsOf(again), await bench.effects()], [['failed'], ['lost'], []]);
      await bench.runtime.advance(1_001);
      assert.deepEqual(attemptsOf(await bench.lease('pay')), [2]);
    },
  },
  {
    name: 'gives back, at no cost, what a spent budget left',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three);
      const deliveries = await bench.lease('pay');
      assert.deepEqual(kindsOf(await bench.handle('pay', deliveries, { budgetMs: 0 })), ['done', 'released', 'released']);
      await bench.queue.release('pay', receiptsOf(deliveries));
      const again = await bench.lease('pay');
      assert.deepEqual(attemptsOf(again), [1, 1]);
    },
  },
  {
    name: 'retries a failed message when it is due, with its attempt counted and its history',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('a'), onFailure: retryAfter(5_000) });
      assert.deepEqual([await bench.lease('pay'), await bench.effects()], [[], []]);
      assert.equal(await bench.queue.nextDueMs('pay'), bench.runtime.clock.now() + 5_000);
      await bench.runtime.advance(5_001);
      const again = await bench.lease('pay');
      assert.deepEqual(
        again.map(({ attempt, suspect }) => [attempt, suspect ?? false]),
        [[2, false]],
      );
      assert.deepEqual(
        again[0]?.history?.map(({ attempt, code, message }) => [attempt, code, message]),
        [[1, 'Error', 'the case has it fail']],
      );
      assert.deepEqual(kindsOf(await bench.handle('pay', again)), ['done']);
    },
  },
  {
    name: 'does not count a try that is not to be counted',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('a'), onFailure: retryAfter(0, { counted: false }) });
      await bench.runtime.advance(1);
      assert.deepEqual(attemptsOf(await bench.lease('pay')), [1]);
    },
  },
  {
    name: 'keeps in the history that a try was not counted',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const probe: Failure = { atMs: 1, attempt: 1, code: 'Error', message: 'a probe', uncounted: true };
      const onFailure = (): Settlement => ({ kind: 'retry', afterMs: 0, failure: probe, counted: false, park: false });
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('a'), onFailure });
      await bench.reopen();
      await bench.runtime.advance(1);
      const again = await bench.lease('pay');
      assert.deepEqual(again[0]?.history, [probe]);
      await bench.handle('pay', again, { run: failFor('a'), onFailure: bury() });
      const [letter] = await bench.deadLetters('pay', 1);
      assert.deepEqual(letter?.history[0], probe);
    },
  },
  {
    name: 'attempts, history and due time survive a restart',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      for (let attempt = 1; attempt <= 3; attempt++) {
        const deliveries = await bench.lease('pay');
        assert.deepEqual(
          deliveries.map((delivery) => [delivery.attempt, delivery.history?.length ?? 0]),
          [[attempt, attempt - 1]],
        );
        await bench.handle('pay', deliveries, { run: failFor('a'), onFailure: retryAfter(1_000) });
        await bench.reopen();
        assert.deepEqual(await bench.lease('pay'), []);
        await bench.runtime.advance(1_001);
      }
    },
  },
  {
    name: 'says when something is next due: now, at the end of a lease, or never',
    run: async (bench) => {
      await bench.join('pay');
      const nowMs = bench.runtime.clock.now();
      assert.equal(await bench.queue.nextDueMs('pay'), undefined);
      await bench.publish(three.slice(0, 1));
      assert.ok(((await bench.queue.nextDueMs('pay')) ?? Number.POSITIVE_INFINITY) <= nowMs);
      const deliveries = await bench.lease('pay', 1, 7_000);
      assert.equal(await bench.queue.nextDueMs('pay'), nowMs + 7_000);
      await bench.handle('pay', deliveries);
      assert.equal(await bench.queue.nextDueMs('pay'), undefined);
    },
  },
  {
    name: 'wakes who watches after a publish, until they stop watching',
    run: async (bench) => {
      await bench.join('pay');
      let wakes = 0;
      const unwatch = bench.queue.watch(() => {
        wakes += 1;
      });
      await bench.publish(three.slice(0, 1));
      for (let turn = 0; wakes === 0 && turn < 200; turn++) await bench.runtime.advance(50);
      assert.ok(wakes > 0, 'nobody was woken');
      unwatch();
      await bench.runtime.advance(1_000);
      const before = wakes;
      await bench.publish(three.slice(1));
      await bench.runtime.advance(1_000);
      assert.equal(wakes, before);
    },
  },
];
