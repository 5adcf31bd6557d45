import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../core/delivery.ts';
import type { Feed } from '../../core/transport.ts';
import { decoded, idsOf, TransportBench } from '../transport-suite/transport-bench.ts';
import { type LogBroker, logBroker } from './log-broker.ts';
import type { PublishFault } from './model-publisher.ts';

function benchOf(partitions = 2, publishFault?: PublishFault): { readonly bench: TransportBench; readonly broker: LogBroker } {
  const broker = logBroker({ partitions, ...(publishFault ? { publishFault } : {}) });
  const bench = new TransportBench({ transport: broker, topic: 'orders', inject: (bytes) => broker.inject('orders', bytes), close: async () => {} });
  return { bench, broker };
}

function ten(bench: TransportBench): ReturnType<TransportBench['message']>[] {
  return Array.from({ length: 10 }, (_, index) => bench.message(`m${index}`, { key: `k${index}` }));
}

describe('logBroker', () => {
  test('trap 29: a member that was cut off reads on under its old epochs, and can advance nothing', async () => {
    const { bench, broker } = benchOf();
    const zombie = await bench.subscribe();
    const successor = await bench.subscribe();
    await broker.cutOff('orders', 'pay', zombie);
    await bench.publish(ten(bench));
    const late = await bench.receiveSome(zombie);
    const own = await oneByOne(bench, successor, 10); // nobody knows what the zombie died of
    expect([own.length, late.length > 0]).toEqual([10, true]);
    expect(late.some(({ receipt }) => bench.positions.advance('pay', receipt))).toBe(false);
    await bench.settle(zombie, late, { kind: 'lost' });
    expect(await bench.receiveSome(zombie)).toEqual([]);
  });

  test('trap 56: delivers again from an earlier offset, which has moved under the own epoch', async () => {
    const { bench, broker } = benchOf(1);
    const feed = await bench.subscribe();
    await bench.publish(ten(bench));
    const deliveries = await bench.receive(feed, 10);
    await bench.settle(feed, deliveries);
    broker.rewind('orders', 'pay', 7);
    const again = await bench.receive(feed, 3);
    expect(idsOf(again)).toEqual(['m7', 'm8', 'm9']);
    expect(epochsOf(again)).toEqual(epochsOf(deliveries));
    expect(again.some(({ receipt }) => bench.positions.advance('pay', receipt))).toBe(false);
  });

  test('a rebalance moves every partition to the next member, and neither loses nor repeats what was settled', async () => {
    const { bench, broker } = benchOf(4);
    const feeds = [await bench.subscribe(), await bench.subscribe()];
    await bench.publish(ten(bench));
    const before = await Promise.all(feeds.map((feed) => bench.receiveSome(feed)));
    for (const [index, feed] of feeds.entries()) await bench.settle(feed, before[index] ?? []);
    await broker.rebalance('orders', 'pay');
    await bench.publish(ten(bench).map(({ message }) => bench.message(`${message.id}-again`, { key: message.key ?? '' })));
    const after = await Promise.all(feeds.map((feed) => bench.receiveSome(feed)));
    const partitions = (deliveries: readonly Delivery[]) => new Set(deliveries.map(({ receipt }) => (receipt.kind === 'position' ? receipt.partition : '')));
    expect(partitions(after[0] ?? [])).toEqual(partitions(before[1] ?? []));
    expect(idsOf(after.flat()).every((id) => id.endsWith('-again'))).toBe(true);
    expect(after.flat()).toHaveLength(10);
  });

  test('trap 29: a partition that is given up while its position is asked for is its next owner’s alone, who suspects nothing', async () => {
    const { bench, broker } = benchOf(1);
    const [asking, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let asked = 0;
    const first = await bench.subscribe('pay', {
      assigned: async (partitions) => {
        if (++asked === 2) {
          asking.resolve();
          await answer.promise;
        }
        return bench.positions.acquire('pay', partitions);
      },
    });
    const second = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    await bench.settle(first, await bench.receive(first, 1), { kind: 'released' });
    const late = bench.receiveSome(first);
    await asking.promise;
    const moved = broker.rebalance('orders', 'pay');
    await bench.runtime.scheduler.yield();
    answer.resolve();
    await moved;
    const [delivery] = await bench.receive(second, 1);
    expect([delivery?.suspect, delivery && bench.positions.advance('pay', delivery.receipt)]).toEqual([undefined, true]);
    expect(await first.extend(await late)).toEqual(await late);
    expect(await bench.receiveSome(first)).toEqual([]);
  });

  test('a producer that writes twice gives two records of one identity', async () => {
    const { bench, broker } = benchOf(1);
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a'), bench.message('b')]);
    broker.appendAgain('orders');
    expect(idsOf(await bench.receive(feed, 4))).toEqual(['a', 'b', 'a', 'b']);
  });

  test('a publish can be refused, lost, or lose its reply; nothing of its key follows in the same call', async () => {
    const faults = new Map([
      ['m1', 'refuse'],
      ['m3', 'lose-request'],
      ['m5', 'lose-reply'],
    ] as const);
    const { bench } = benchOf(1, ({ message }) => faults.get(message.id as 'm1'));
    const messages = Array.from({ length: 8 }, (_, index) => bench.message(`m${index}`, { key: `k${index % 6}` }));
    const results = await bench.publisher.publish(messages, { signal: new AbortController().signal });
    expect(results.map(({ kind }) => kind)).toEqual(['accepted', 'failed', 'accepted', 'unknown', 'accepted', 'unknown', 'accepted', 'failed']);
    const feed = await bench.subscribe();
    expect((await bench.receive(feed, 8)).map((delivery) => decoded(delivery).id)).toEqual(['m0', 'm2', 'm4', 'm5', 'm6']);
  });
});

/** Takes each delivery's position before the next one. */
async function oneByOne(bench: TransportBench, feed: Feed, count: number): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  while (deliveries.length < count) {
    const next = await bench.receive(feed, 1);
    if (next.length === 0) break;
    expect(next.every(({ receipt }) => bench.positions.advance('pay', receipt))).toBe(true);
    await bench.settle(feed, next);
    deliveries.push(...next);
  }
  return deliveries;
}

function epochsOf(deliveries: readonly Delivery[]): ReadonlySet<number> {
  return new Set(deliveries.map(({ receipt }) => (receipt.kind === 'position' ? receipt.epoch : -1)));
}
