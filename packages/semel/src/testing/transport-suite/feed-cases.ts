import assert from 'node:assert/strict';
import { isSemelError } from '../../core/errors.ts';
import { idsOf, sorted } from './transport-bench.ts';
import type { TransportCase } from './transport-case.ts';

/** Feeds beside one another, and their ends. */
export const feedCases: readonly TransportCase[] = [
  {
    name: 'shares the messages among the feeds of one consumer',
    run: async (bench) => {
      const feeds = [await bench.subscribe(), await bench.subscribe()];
      await bench.publish(Array.from({ length: 40 }, (_, index) => bench.message(`m${index}`, { key: `k${index}` })));
      const received: string[] = [];
      for (let round = 0; round < 80 && received.length < 40; round++) {
        for (const feed of feeds) {
          const deliveries = await bench.receiveSome(feed, 3);
          received.push(...idsOf(deliveries));
          await bench.settle(feed, deliveries);
        }
      }
      assert.deepEqual(sorted(received), sorted(Array.from({ length: 40 }, (_, index) => `m${index}`)));
    },
  },
  {
    name: 'gives every consumer all messages, or refuses the second: what it took the first would miss',
    run: async (bench) => {
      const pay = await bench.subscribe('pay');
      const ship = await bench.subscribe('ship').catch((error: unknown) => assert.ok(isSemelError(error, 'capability-missing')));
      if (ship === undefined) return;
      await bench.publish(['a', 'b', 'c'].map((id) => bench.message(id)));
      const toPay = await bench.receive(pay, 3);
      await bench.settle(pay, toPay);
      assert.deepEqual(
        [sorted(idsOf(toPay)), sorted(idsOf(await bench.receive(ship, 3)))],
        [
          ['a', 'b', 'c'],
          ['a', 'b', 'c'],
        ],
      );
    },
  },
  {
    name: 'delivers at most as many as asked for',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish(Array.from({ length: 10 }, (_, index) => bench.message(`m${index}`)));
      const some = await bench.receiveSome(feed, 4);
      assert.ok(some.length >= 1 && some.length <= 4, `${some.length} of at most 4`);
    },
  },
  {
    name: 'waits for a publish, and brings it',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const waiting = feed.receive({ max: 10, signal: AbortSignal.timeout(5_000) });
      await bench.publish([bench.message('a')]);
      assert.deepEqual(idsOf(await waiting), ['a']);
    },
  },
  {
    name: 'ends a wait with nothing when its signal aborts, at once if it had aborted before',
    sides: 'subscriber',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const stop = new AbortController();
      const waiting = feed.receive({ max: 10, signal: stop.signal });
      stop.abort();
      assert.deepEqual([await waiting, await feed.receive({ max: 10, signal: stop.signal })], [[], []]);
    },
  },
  {
    name: 'trap 24: a feed that closes ends its wait, twice if asked, and leaves the rest to the others',
    run: async (bench) => {
      const first = await bench.subscribe();
      const second = await bench.subscribe();
      const waiting = first.receive({ max: 10, signal: AbortSignal.timeout(5_000) });
      await first.close();
      await first.close();
      assert.deepEqual(await waiting, []);
      await bench.publish(Array.from({ length: 8 }, (_, index) => bench.message(`m${index}`, { key: `k${index}` })));
      const deliveries = await bench.receive(second, 8);
      assert.equal(deliveries.length, 8);
      await bench.settle(second, deliveries);
      await bench.pass(bench.leaseMs * 2);
      assert.deepEqual(await bench.receiveSome(second), []);
    },
  },
  {
    name: 'says how much would still come, where it can tell',
    run: async (bench) => {
      const feed = await bench.subscribe();
      const pending = feed.pending?.bind(feed);
      if (pending === undefined) return;
      assert.equal(await pending(), 0);
      await bench.publish([bench.message('a'), bench.message('b')]);
      assert.equal(await bench.becomes(2, pending), 2);
      await bench.settle(feed, await bench.receive(feed, 2));
      assert.equal(await bench.becomes(0, pending), 0);
    },
  },
];
