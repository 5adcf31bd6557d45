import { describe, expect, test } from 'vitest';
import { idsOf, sorted, TransportBench } from '../transport-suite/transport-bench.ts';
import { type AckBroker, type AckBrokerOptions, ackBroker } from './ack-broker.ts';

function benchOf(options: AckBrokerOptions = {}): { readonly bench: TransportBench; readonly broker: AckBroker } {
  const broker = ackBroker(options);
  const bench = new TransportBench({ transport: broker, topic: 'orders', inject: (bytes) => broker.inject('orders', bytes), close: async () => {} });
  return { bench, broker };
}

describe('ackBroker', () => {
  test('delivers twice at once; only the newest delivery settles', async () => {
    const { bench, broker } = benchOf();
    const feeds = [await bench.subscribe(), await bench.subscribe()] as const;
    await bench.publish([bench.message('a')]);
    broker.deliverTwice(1);
    const first = await bench.receive(feeds[0], 1);
    const second = await bench.receive(feeds[1], 1);
    expect([idsOf(first), idsOf(second)]).toEqual([['a'], ['a']]);
    await bench.settle(feeds[0], first);
    await bench.settle(feeds[1], second, { kind: 'released' });
    expect(idsOf(await bench.receive(feeds[0], 1))).toEqual(['a']);
  });

  test('loses an acknowledgement: the message comes again', async () => {
    const { bench, broker } = benchOf();
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    broker.loseAcks(1);
    await bench.settle(feed, await bench.receive(feed, 1));
    expect(await bench.receiveSome(feed)).toEqual([]);
    await bench.pass(bench.leaseMs + 1);
    const again = await bench.receive(feed, 1);
    await bench.settle(feed, again);
    await bench.pass(bench.leaseMs + 1);
    expect([idsOf(again), await bench.receiveSome(feed)]).toEqual([['a'], []]);
  });

  test('delivers again after the acknowledgement', async () => {
    const { bench, broker } = benchOf();
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a'), bench.message('b')]);
    await bench.settle(feed, await bench.receive(feed, 2));
    expect(broker.redeliverAcknowledged()).toBe(2);
    expect(sorted(idsOf(await bench.receive(feed, 2)))).toEqual(['a', 'b']);
    expect(broker.redeliverAcknowledged()).toBe(0);
  });

  test('shuffles as its seed says', async () => {
    const orderOf = async (shuffleSeed: number) => {
      const { bench } = benchOf({ shuffleSeed });
      const feed = await bench.subscribe();
      await bench.publish(Array.from({ length: 20 }, (_, index) => bench.message(`m${index}`)));
      return idsOf(await bench.receive(feed, 20));
    };
    expect(await orderOf(7)).toEqual(await orderOf(7));
    expect(await orderOf(7)).not.toEqual(await orderOf(8));
    expect(new Set(await orderOf(7)).size).toBe(20);
  });

  test('puts away what was received too often, the receives included whose receiver died', async () => {
    const { bench, broker } = benchOf({ maxReceives: 2, visibilityMs: 1_000 });
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    for (let receive = 1; receive <= 2; receive++) {
      expect((await bench.receive(feed, 1)).map(({ attempt }) => attempt)).toEqual([receive]);
      await bench.pass(1_001);
    }
    expect(await bench.receiveSome(feed)).toEqual([]);
    expect(broker.deadLetters('pay')).toHaveLength(1);
    expect(broker.deadLetters('ship')).toHaveLength(0);
  });
});
