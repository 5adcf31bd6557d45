import assert from 'node:assert/strict';
import type { Delivery } from '../../core/delivery.ts';
import { decoded, idsOf, sorted } from './transport-bench.ts';
import type { TransportCase } from './transport-case.ts';

/** What becomes of deliveries. */
export const settleCases: readonly TransportCase[] = [
  {
    name: 'delivers nothing again that is done, duplicate, dead or parked',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const outcomes = [{ kind: 'done' }, { kind: 'duplicate' }, { kind: 'dead', reason: 'not-json' }, { kind: 'parked' }] as const;
      for (const [index, outcome] of outcomes.entries()) {
        await bench.publish([bench.message(`m${index}`)]);
        await bench.settle(feed, await bench.receive(feed, 1), outcome);
      }
      await bench.pass(bench.leaseMs * 2);
      assert.deepEqual(await bench.receiveSome(feed), []);
    },
  },
  {
    name: 'trap 24: delivers again what was not settled when its receiver died',
    run: async (bench) => {
      const first = await bench.subscribe();
      await bench.publish([bench.message('a'), bench.message('b')]);
      const deliveries = await bench.receive(first, 2);
      assert.deepEqual(sorted(idsOf(deliveries)), ['a', 'b']);
      await first.close();
      await bench.pass(bench.leaseMs + 1);
      const again = await bench.receive(await bench.subscribe(), 2);
      assert.deepEqual(sorted(idsOf(again)), ['a', 'b']);
      const attempts = bench.contract.countsAttempts.value ? [2, 2] : [1, 1];
      assert.deepEqual(
        again.map(({ attempt }) => attempt),
        attempts,
      );
    },
  },
  {
    name: 'delivers again, at no cost, what was released',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      await bench.settle(feed, await bench.receive(feed, 1), { kind: 'released' });
      const again = await bench.receive(feed, 1);
      assert.deepEqual([idsOf(again), again.map(({ attempt }) => attempt)], [['a'], [1]]);
    },
  },
  {
    name: 'delivers again, at no cost and before long, what was held',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a', { key: 'k' })]);
      await bench.settle(feed, await bench.receive(feed, 1), { kind: 'held' });
      await bench.pass(1_000);
      const again = await bench.receive(feed, 1);
      assert.deepEqual([idsOf(again), again.map(({ attempt }) => attempt)], [['a'], [1]]);
    },
  },
  {
    name: 'delivers a retry again after its delay, and not before',
    needs: ({ delayedRetry }) => delayedRetry.value,
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      await bench.settle(feed, await bench.receive(feed, 1), { kind: 'retry', afterMs: bench.delayMs, error: new Error('not now') });
      await bench.pass(bench.delayMs - 1_000);
      assert.deepEqual(await bench.receiveSome(feed), []);
      await bench.pass(1_001);
      const again = await bench.receive(feed, 1);
      assert.deepEqual(idsOf(again), ['a']);
      assert.equal(again[0]?.attempt, bench.contract.countsAttempts.value ? 2 : 1);
    },
  },
  {
    name: 'delivers again what nobody knows the fate of',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      await bench.settle(feed, await bench.receive(feed, 1), { kind: 'unknown' });
      await bench.pass(bench.leaseMs + 1);
      assert.deepEqual(idsOf(await bench.receive(feed, 1)), ['a']);
    },
  },
  {
    name: 'keeps in hand what is extended',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      const deliveries = await bench.receive(feed, 1);
      for (let times = 0; times < 4; times++) {
        await bench.pass(bench.leaseMs * 0.6);
        assert.deepEqual(await feed.extend(deliveries), []);
      }
      assert.deepEqual(await bench.receiveSome(feed), []);
      await bench.settle(feed, deliveries);
      await bench.pass(bench.leaseMs * 2);
      assert.deepEqual(await bench.receiveSome(feed), []);
    },
  },
  {
    name: 'trap 11: a stale settle is no error, and takes nothing from who has the message now',
    needs: ({ settlement, fencedAcknowledgement }) => settlement.value === 'one-by-one' && fencedAcknowledgement.value,
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      const stale = await bench.receive(feed, 1);
      const next = await bench.abandon(feed);
      const current = await bench.receive(next, 1);
      await bench.settle(feed, stale);
      assert.deepEqual(await feed.extend(stale), stale);
      await bench.settle(next, current, { kind: 'released' });
      assert.deepEqual(idsOf(await bench.receive(next, 1)), ['a']);
    },
  },
  {
    name: 'settles twice without an error',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      const deliveries = await bench.receive(feed, 1);
      await bench.settle(feed, deliveries);
      await bench.settle(feed, deliveries);
      assert.deepEqual(await bench.receiveSome(feed), []);
    },
  },
  {
    name: 'counts attempts, those included whose receiver died',
    needs: ({ countsAttempts }) => countsAttempts.value,
    run: async (bench) => {
      let feed = await bench.subscribe();
      await bench.publish([bench.message('a')]);
      for (let attempt = 1; attempt <= 4; attempt++) {
        const [delivery] = await bench.receive(feed, 1);
        assert.ok(delivery?.suspect === 'with-others' || delivery?.attempt === attempt, `attempt ${attempt} is ${delivery?.attempt}`); // what blames nobody is not counted
        feed = await bench.abandon(feed);
      }
    },
  },
  {
    name: 'keeps the order that its contract declares',
    needs: ({ ordering }) => ordering.value !== 'none',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const messages = Array.from({ length: 40 }, (_, index) => bench.message(`m${String(index).padStart(2, '0')}`, { key: `k${index % 4}` }));
      for (let start = 0; start < messages.length; start += 7) await bench.publish(messages.slice(start, start + 7));
      const deliveries: Delivery[] = [];
      while (deliveries.length < messages.length) {
        const some = await bench.receiveNext(feed); // where a key has one message in hand at a time, the next comes once that is settled
        if (some.length === 0) break;
        deliveries.push(...some);
        await bench.settle(feed, some);
      }
      assert.equal(deliveries.length, messages.length);
      for (let key = 0; key < 4; key++) {
        const ids = idsOf(deliveries.filter((delivery) => decoded(delivery).key === `k${key}`));
        assert.deepEqual(ids, sorted(ids));
      }
    },
  },
];
