import assert from 'node:assert/strict';
import { failFor, idsOf, kindsOf, LEASE_MS, messageOf, receiptsOf, retryAfter } from './store-bench.ts';
import type { StoreCase } from './store-case.ts';

const three = ['a', 'b', 'c'].map((id) => messageOf(id));

/** What was in flight when its lease ran out: one of them may have ended its process. */
export const suspectCases: readonly StoreCase[] = [
  {
    name: 'trap 51: what was in flight when its lease ran out comes back alone and suspect, and is not charged for its neighbours',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three);
      await bench.lease('pay', 10, 1_000);
      await bench.runtime.advance(1_001);
      await bench.publish([messageOf('d')]);
      for (let count = 0; count < 3; count++) {
        const alone = await bench.lease('pay');
        assert.deepEqual(
          alone.map(({ attempt, suspect }) => [attempt, suspect]),
          [[1, true]],
        );
        assert.deepEqual(kindsOf(await bench.handle('pay', alone)), ['done']);
      }
      const rest = await bench.lease('pay');
      assert.deepEqual(
        rest.map(({ attempt, suspect = false }) => [attempt, suspect]),
        [[1, false]],
      );
    },
  },
  {
    name: 'trap 33: counts every time that a message ends its process alone, before it is handled, through restarts',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      await bench.lease('pay', 10, 1_000);
      for (let attempt = 1; attempt <= 4; attempt++) {
        await bench.reopen();
        await bench.runtime.advance(1_001);
        const alone = await bench.lease('pay', 10, 1_000);
        assert.deepEqual(
          alone.map((delivery) => [delivery.attempt, delivery.suspect]),
          [[attempt, true]],
        );
      }
    },
  },
  {
    name: 'trap 33: a suspect that was given back is still suspect, and its attempt costs nothing',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      await bench.queue.release('pay', receiptsOf(await bench.lease('pay')));
      await bench.publish(three.slice(1));
      const alone = await bench.lease('pay');
      assert.deepEqual(
        alone.map(({ attempt, suspect }) => [attempt, suspect]),
        [[1, true]],
      );
    },
  },
  {
    name: 'a suspect that fails is counted once, and is suspect no more',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      await bench.handle('pay', await bench.lease('pay'), { run: failFor('a'), onFailure: retryAfter(500) });
      await bench.runtime.advance(501);
      const again = await bench.lease('pay');
      assert.deepEqual(
        again.map(({ attempt, suspect = false }) => [attempt, suspect]),
        [[2, false]],
      );
    },
  },
  {
    name: 'leaves alone, where suspects are not asked for, what ran out and what is suspect, and hands out the rest',
    run: async (bench) => {
      await bench.join('pay');
      await bench.publish(three.slice(0, 1));
      const running = await bench.lease('pay', 1, 1_000);
      await bench.runtime.advance(1_001);
      await bench.publish(three.slice(1, 2));
      assert.deepEqual(idsOf(await bench.lease('pay', 10, LEASE_MS, false)), ['b']);
      assert.deepEqual(await bench.queue.extend('pay', receiptsOf(running), 1_000), []);
      await bench.runtime.advance(1_001);
      await bench.queue.release('pay', receiptsOf(await bench.lease('pay')));
      await bench.publish(three.slice(2));
      assert.deepEqual(idsOf(await bench.lease('pay', 10, LEASE_MS, false)), ['c']);
      assert.ok(((await bench.queue.nextDueMs('pay')) ?? Number.POSITIVE_INFINITY) <= bench.runtime.clock.now());
      assert.deepEqual(
        (await bench.lease('pay')).map(({ suspect }) => suspect),
        [true],
      );
    },
  },
];
