import assert from 'node:assert/strict';
import type { Delivery, Receipt } from '../../core/delivery.ts';
import type { Feed } from '../../core/transport.ts';
import { idsOf, sorted, type TransportBench } from './transport-bench.ts';
import type { TransportCase } from './transport-case.ts';

const cases: readonly TransportCase[] = [
  {
    name: 'trap 28: steps of a partition form a chain, without a gap, under the epoch that was assigned',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish(keyed(bench, 30));
      const deliveries = await bench.receive(feed, 30);
      const ends = new Map<string, string>();
      for (const { partition, from, to } of deliveries.map(stepOf)) {
        if (ends.has(partition)) assert.equal(from, ends.get(partition));
        ends.set(partition, to);
      }
      assert.ok(deliveries.every(({ receipt }) => bench.positions.advance('pay', receipt)));
    },
  },
  {
    name: "a restart reads on from the store's position, not from what was read",
    run: async (bench) => {
      const first = await bench.subscribe();
      await bench.publish(keyed(bench, 20));
      const deliveries = await bench.receive(first, 20);
      await bench.settle(first, deliveries.slice(0, 8));
      await first.close();
      const again = await bench.receive(await bench.subscribe(), 12);
      assert.deepEqual(sorted(idsOf(again)), sorted(idsOf(deliveries.slice(8))));
      assert.ok(again.every(({ receipt }) => bench.positions.advance('pay', receipt)));
    },
  },
  {
    name: 'reads a partition again from where a released record stands, in order',
    run: async (bench) => {
      const feed = await bench.subscribe();
      await bench.publish(keyed(bench, 6, 'same'));
      const deliveries = await bench.receive(feed, 6);
      await bench.settle(feed, deliveries.slice(0, 2));
      await bench.settle(feed, deliveries.slice(2), { kind: 'released' });
      const again = await bench.receive(feed, 4);
      assert.deepEqual(idsOf(again), idsOf(deliveries.slice(2)));
      assert.ok(again.every(({ receipt }) => bench.positions.advance('pay', receipt)));
    },
  },
  {
    name: 'trap 29: asks for positions before the first read, and waits for what is in hand before it gives a partition up',
    run: async (bench) => {
      const events: string[] = [];
      const first = await bench.subscribe('pay', {
        revoked: async (partitions) => {
          await Promise.resolve();
          for (const partition of partitions) events.push(`revoked ${partition}`);
        },
      });
      await bench.subscribe('pay', {
        assigned: async (partitions) => {
          for (const partition of partitions) events.push(`assigned ${partition}`);
          return bench.positions.acquire('pay', partitions);
        },
      });
      await bench.eventually(() => events.some((event) => event.startsWith('assigned ')));
      const moved = events.filter((event) => event.startsWith('assigned ')).map((event) => event.slice('assigned '.length));
      for (const partition of moved) {
        assert.ok(events.indexOf(`revoked ${partition}`) >= 0, `${partition} was not revoked`);
        assert.ok(events.indexOf(`revoked ${partition}`) < events.indexOf(`assigned ${partition}`), `${partition} was assigned before it was revoked`);
      }
      assert.deepEqual(await bench.receiveSome(first), []);
    },
  },
  {
    name: 'traps 33, 51: what may have ended its owner comes alone, with its crashes counted from there on; then all as usual',
    run: async (bench) => {
      let owner = await mortal(bench);
      await bench.publish(keyed(bench, 4, 'same'));
      assert.equal((await bench.receive(owner.feed, 4)).length, 4);
      for (const attempt of [1, 2]) {
        await owner.die();
        owner = await mortal(bench);
        const suspects = await bench.receiveSome(owner.feed);
        assert.deepEqual([idsOf(suspects), suspects.map((delivery) => [delivery.attempt, delivery.suspect])], [['m00'], [[attempt, true]]]);
      }
      await owner.die();
      const feed = await bench.subscribe();
      for (const id of ['m00', 'm01', 'm02', 'm03']) {
        const alone = await bench.receiveSome(feed);
        assert.deepEqual(idsOf(alone), [id]);
        await bench.settle(feed, alone);
      }
    },
  },
  {
    name: 'trap 33: of several partitions, a crash counts against the record that was in hand alone',
    run: async (bench) => {
      let owner = await mortal(bench);
      await bench.publish(keyed(bench, 24));
      const heads = new Set((await bench.receive(owner.feed, 24)).map((delivery) => stepOf(delivery).partition)).size;
      const attempts: number[] = [];
      for (let death = 0; death < 3; death++) {
        await owner.die();
        owner = await mortal(bench);
        attempts.push(...(await bench.receiveSome(owner.feed)).map(({ attempt }) => attempt));
      }
      await owner.die();
      const feed = await bench.subscribe();
      const first = new Map<string, number>();
      for (let count = 0; count < 24; count++) {
        const alone = await bench.receive(feed, 1);
        for (const delivery of alone) first.set(stepOf(delivery).partition, first.get(stepOf(delivery).partition) ?? delivery.attempt);
        await bench.settle(feed, alone);
      }
      const counted = [...first.values()].reduce((sum, attempt) => sum + attempt - 1, 0);
      assert.deepEqual([attempts.length, first.size, counted], [3, heads, 3]);
    },
  },
  {
    name: 'a partition that moved is read on by its new owner, and its old owner is told by `extend`',
    run: async (bench) => {
      const first = await bench.subscribe();
      await bench.publish(keyed(bench, 24));
      const inHand = await bench.receive(first, 24);
      const second = await bench.subscribe();
      const moved = await bench.receive(second, 1);
      const lost = await first.extend(inHand);
      assert.ok(lost.every(({ receipt }) => !bench.positions.advance('pay', receipt)));
      const again: string[] = [];
      const handle = async (feed: Feed, deliveries: readonly Delivery[]) => {
        again.push(...idsOf(deliveries));
        assert.ok(deliveries.every(({ receipt }) => bench.positions.advance('pay', receipt)));
        await feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
      };
      await handle(second, moved);
      for (let count = -1; count < again.length && again.length < lost.length; ) {
        count = again.length;
        for (const feed of [second, first]) await handle(feed, await bench.receiveSome(feed)); // where a group gives up everything first, the old owner gets some back
      }
      assert.deepEqual(sorted(again), sorted(idsOf(lost)));
    },
  },
];

/** The cases of transports that settle by position. */
export const positionCases: readonly TransportCase[] = cases.map((one) => ({ ...one, needs: ({ settlement }) => settlement.value === 'position' }));

/** A feed whose process can die: nothing is given up then. */
async function mortal(bench: TransportBench): Promise<{ readonly feed: Feed; die(): Promise<void> }> {
  let dead = false;
  const feed = await bench.subscribe('pay', { released: async (partitions) => (dead ? undefined : bench.positions.release('pay', partitions)) });
  const die = () => {
    dead = true;
    return feed.close();
  };
  return { feed, die };
}

function keyed(bench: TransportBench, count: number, key?: string): ReturnType<TransportBench['message']>[] {
  return Array.from({ length: count }, (_, index) => bench.message(`m${String(index).padStart(2, '0')}`, { key: key ?? `k${index}` }));
}

function stepOf({ receipt }: Delivery): Extract<Receipt, { readonly kind: 'position' }> {
  assert.equal(receipt.kind, 'position');
  return receipt as Extract<Receipt, { readonly kind: 'position' }>;
}
