import { describe, expect, test } from 'vitest';
import { idsOf } from '../../src/testing/transport-suite/transport-bench.ts';
import { benchOn } from './model-bench.ts';

const HOUR_MS = 3_600_000;
const LEASE_MS = 30_000;
const notNow = { kind: 'retry', afterMs: 5_000, error: new Error('not now') } as const;

describe('trap 24', () => {
  test('a feed that closes shows what it had not handed out at once; what was is shown when its lease is over', async () => {
    const { bench } = benchOn('orders');
    const first = await bench.subscribe();
    await bench.publish(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => bench.message(id)));
    const out = await bench.receive(first, 5);
    await bench.settle(first, out.slice(1), { kind: 'released' });
    await first.close();
    const second = await bench.subscribe();
    expect(await bench.receive(second, 5)).toHaveLength(5);
    expect(await bench.receiveSome(second)).toEqual([]);
    await bench.pass(LEASE_MS + 1);
    expect(idsOf(await bench.receive(second, 1))).toEqual(idsOf(out.slice(0, 1)));
  });

  test('a message is deleted when it is settled, not before', async () => {
    const { bench, model } = benchOn('orders');
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    const deliveries = await bench.receive(feed, 1);
    expect(model.count('orders')).toBe(1);
    await bench.settle(feed, deliveries);
    expect(model.count('orders')).toBe(0);
  });
});

describe('trap 25', () => {
  test('visibility ends after 12 hours, and who has the message is told before anyone else can have it', async () => {
    const { bench } = benchOn('orders');
    const feed = await bench.subscribe('pay', { leaseMs: HOUR_MS });
    const other = await bench.subscribe('pay', { leaseMs: HOUR_MS });
    await bench.publish([bench.message('a')]);
    const deliveries = await bench.receive(feed, 1);
    let beats = 0;
    while ((await feed.extend(deliveries)).length === 0) {
      beats++;
      expect(await bench.receiveSome(other)).toEqual([]);
      await bench.pass(HOUR_MS / 3);
    }
    expect(beats).toBeGreaterThanOrEqual(33);
    expect(beats).toBeLessThanOrEqual(36);
    expect(await bench.receiveSome(other)).toEqual([]);
    await bench.pass(HOUR_MS);
    expect(idsOf(await bench.receive(other, 1))).toEqual(['a']);
  });

  test('heartbeats that fail are told while the message is still hidden', async () => {
    const { bench, model } = benchOn('orders');
    const feed = await bench.subscribe();
    const other = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    const deliveries = await bench.receive(feed, 1);
    model.entryFault = (request) => (request === 'hide' ? 'InternalError' : undefined);
    await bench.pass(LEASE_MS / 3);
    expect(await feed.extend(deliveries)).toEqual([]); // the next may succeed
    await bench.pass(LEASE_MS / 3);
    expect(await feed.extend(deliveries)).toEqual(deliveries);
    expect(await bench.receiveSome(other)).toEqual([]);
  });

  test('trap 32: a redrive gives the message another id at SQS, and its identity stays', async () => {
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:orders-dead';
    const { bench, model } = benchOn('orders', {}, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 8 }) });
    model.create('orders-dead');
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    for (let receives = 1; receives <= 8; receives++) {
      expect(idsOf(await bench.receive(feed, 1))).toEqual(['a']);
      await bench.pass(LEASE_MS + 1);
    }
    expect(await bench.receiveSome(feed)).toEqual([]);
    expect(model.count('orders-dead')).toBe(1);
    model.redrive('orders-dead', 'orders');
    const [again] = await bench.receive(feed, 1);
    expect(again && [idsOf([again]), again.attempt]).toEqual([['a'], 1]);
  });
});

describe('trap 26', () => {
  test('a group stops at its first failure, the others go on; what follows comes behind it, in order, and costs no attempt', async () => {
    const { bench } = benchOn('orders.fifo');
    const feed = await bench.subscribe();
    await bench.publish(['a1', 'a2', 'a3', 'b1'].map((id) => bench.message(id, { key: id[0] as string })));
    const batch = await bench.receiveNext(feed);
    expect(idsOf(batch)).toEqual(['a1', 'b1', 'a2', 'a3']);
    const [a1, b1, a2, a3] = batch;
    await feed.settle([
      { delivery: a1!, outcome: notNow },
      { delivery: a2!, outcome: { kind: 'held' } },
      { delivery: a3!, outcome: { kind: 'held' } },
      { delivery: b1!, outcome: { kind: 'done' } },
    ]);
    await bench.publish([bench.message('b2', { key: 'b' })]);
    expect(idsOf(await bench.receiveSome(feed))).toEqual(['b2']);
    await bench.pass(1_000);
    expect(await bench.receiveSome(feed)).toEqual([]);
    await bench.pass(notNow.afterMs - 1_000);
    const again = await bench.receiveNext(feed);
    expect(again.map((delivery) => [idsOf([delivery])[0], delivery.attempt])).toEqual([
      ['a1', 2],
      ['a2', 1],
      ['a3', 1],
    ]);
  });

  test('a group that waits for a retry is nobody else’s, however long that takes', async () => {
    const { bench } = benchOn('orders.fifo');
    const feed = await bench.subscribe();
    const other = await bench.subscribe();
    await bench.publish(['a1', 'a2'].map((id) => bench.message(id, { key: 'a' })));
    await bench.settle(feed, await bench.receive(feed, 1), { kind: 'retry', afterMs: HOUR_MS, error: new Error('not now') });
    await bench.pass(HOUR_MS - 1_000);
    expect(await bench.receiveSome(other)).toEqual([]);
    await bench.pass(1_000);
    expect(idsOf(await bench.receiveSome(feed))).toEqual(['a1']);
  });

  test('behind a message that another has by now, the later ones of its group go back to the queue', async () => {
    const { bench } = benchOn('orders.fifo');
    const feed = await bench.subscribe();
    await bench.publish(['a1', 'a2'].map((id) => bench.message(id, { key: 'a' })));
    const [a1, a2] = await bench.receiveNext(feed);
    await feed.settle([
      { delivery: a1!, outcome: { kind: 'lost' } },
      { delivery: a2!, outcome: { kind: 'held' } },
    ]);
    await bench.pass(1_000);
    expect(await bench.receiveSome(feed)).toEqual([]);
    await bench.pass(LEASE_MS);
    expect(idsOf(await bench.receive(feed, 2))).toEqual(['a1', 'a2']);
  });
});

describe('trap 27', () => {
  test('of a batch of deletes, those that failed are tried again, and no others', async () => {
    const { bench, model } = benchOn('orders');
    const feed = await bench.subscribe();
    await bench.publish(['a', 'b', 'c'].map((id) => bench.message(id)));
    const deliveries = await bench.receive(feed, 3);
    model.entryFault = (request, index) => (request === 'delete' && index === 1 ? 'InternalError' : undefined);
    await expect(bench.settle(feed, deliveries)).rejects.toMatchObject({ code: 'transport-unavailable' });
    expect(model.count('orders')).toBe(1);
    model.entryFault = () => undefined;
    await bench.settle(feed, deliveries);
    expect([model.count('orders'), model.requests.filter(({ name }) => name === 'delete')]).toEqual([
      0,
      [
        { name: 'delete', entries: 3 },
        { name: 'delete', entries: 1 },
      ],
    ]);
  });

  test('a batch of nothing is not sent, for AWS rejects it', async () => {
    const { bench, model } = benchOn('orders');
    const feed = await bench.subscribe();
    await feed.settle([]);
    expect(await feed.extend([])).toEqual([]);
    await feed.close();
    expect(model.requests).toEqual([]);
  });

  test('heartbeats go in batches of ten', async () => {
    const { bench, model } = benchOn('orders');
    const feed = await bench.subscribe();
    await bench.publish(Array.from({ length: 25 }, (_, index) => bench.message(`m${index}`)));
    expect(await feed.extend(await bench.receive(feed, 25))).toEqual([]);
    expect(model.requests.filter(({ name }) => name === 'hide').map(({ entries }) => entries)).toEqual([10, 10, 5]);
  });
});

describe('trap 33', () => {
  test('what was received for the third time without a failure here may have ended its process, and so may those that were in hand with it', async () => {
    const { bench } = benchOn('orders');
    const feed = await bench.subscribe();
    await bench.publish(['a', 'b'].map((id) => bench.message(id)));
    const seen: unknown[] = [];
    for (let receive = 1; receive <= 3; receive++) {
      seen.push((await bench.receive(feed, 2)).map(({ attempt, suspect }) => [attempt, suspect]));
      await bench.pass(LEASE_MS + 1);
    }
    expect(seen).toEqual([
      [
        [1, undefined],
        [1, undefined],
      ],
      [
        [2, undefined],
        [2, undefined],
      ],
      [
        [1, 'with-others'],
        [1, 'with-others'],
      ],
    ]);
  });

  test('what has failed here is no suspect', async () => {
    const { bench } = benchOn('orders');
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    for (let attempt = 1; attempt <= 5; attempt++) {
      const [delivery] = await bench.receive(feed, 1);
      expect([delivery?.attempt, delivery?.suspect]).toEqual([attempt, undefined]);
      await bench.settle(feed, [delivery!], notNow);
      await bench.pass(notNow.afterMs);
    }
  });
});
