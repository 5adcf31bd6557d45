import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seal } from '../../core/seal.ts';
import type { PublishResult } from '../../core/transport.ts';
import { Wire } from '../../core/wire.ts';
import type { KafkaClient, PartitionBatch } from './kafka-client.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { partitionOf } from './murmur2.ts';

const PARTITIONS = 3;
const ACCEPTED: PublishResult = { kind: 'accepted' };
const UNKNOWN: PublishResult = { kind: 'unknown', error: new Error('no reply') };
const REFUSED: PublishResult = { kind: 'failed', retryable: false, error: new Error('never') };

/** A broker that answers each batch as `answer` says, and what was sent to it, by the number of the producer. */
function aBroker(answer: (batch: PartitionBatch, all: readonly PartitionBatch[]) => PublishResult | Promise<PublishResult> = () => ACCEPTED) {
  const sent: { producer: number; partition: number; ids: readonly string[] }[] = [];
  const closed: number[] = [];
  let producers = 0;
  const client: KafkaClient = {
    name: 'fake',
    capabilities: { cooperativeRebalance: false, staticMembership: false, fencedTransactionOffsets: false },
    join: () => Promise.reject(new Error('not here')),
    producer: async () => {
      const producer = ++producers;
      return {
        partitionsOf: async () => PARTITIONS,
        send: async (_, batches) => {
          for (const { partition, records } of batches) sent.push({ producer, partition, ids: records.map(({ value }) => JSON.parse(value).id) });
          return Promise.all(batches.map((batch) => answer(batch, batches)));
        },
        close: async () => void closed.push(producer),
      };
    },
  };
  return { sent, closed, publisherOf: (maxBytes = 10_000) => new KafkaPublisher(() => client.producer(), new Wire('test', 'ce_', {}), maxBytes) };
}

const message = (id: string, key?: string, size = 0) =>
  seal({ topic: 'orders', source: 's', id, type: 'orders', time: '2026-01-01T00:00:00.000Z', data: 'x'.repeat(size), headers: {}, ...(key === undefined ? {} : { key }) });
const signal = new AbortController().signal;
const kinds = (results: readonly PublishResult[]) => results.map(({ kind }) => kind);

test('messages of a key go to its partition, in order, and each has its result', async () => {
  const { sent, publisherOf } = aBroker();
  const messages = Array.from({ length: 30 }, (_, index) => message(`m${index}`, `k${index % 5}`));
  expect(kinds(await publisherOf().publish(messages, { signal }))).toEqual(messages.map(() => 'accepted'));
  for (let key = 0; key < 5; key++) {
    const own = messages.map(({ message: { id } }) => id).filter((_, index) => index % 5 === key);
    const at = sent.filter(({ partition }) => partition === partitionOf(`k${key}`, PARTITIONS)).flatMap(({ ids }) => ids);
    expect(at.filter((id) => own.includes(id))).toEqual(own);
  }
});

test('messages without a key are shared out among the partitions, in runs; a call begins with the next partition', async () => {
  const { sent, publisherOf } = aBroker();
  const publisher = publisherOf(1_000_000);
  await publisher.publish(
    Array.from({ length: 450 }, (_, index) => message(`m${index}`)),
    { signal },
  );
  expect(sent.map(({ partition, ids }) => [partition, ids.length])).toEqual([
    [0, 200],
    [1, 150],
    [2, 100],
  ]);
  await publisher.publish([message('a')], { signal });
  await publisher.publish([message('b')], { signal });
  expect(sent.slice(3).map(({ partition }) => partition)).toEqual([2, 0]);
});

test('trap 29: two calls send one after the other: neither ends what the other is at, nor the producer under it', async () => {
  const answers: (() => void)[] = [];
  const { sent, closed, publisherOf } = aBroker(({ records }) => {
    const refused = records.some(({ value }) => JSON.parse(value).id === 'bad');
    return new Promise((resolve) => answers.push(() => resolve(refused ? REFUSED : ACCEPTED)));
  });
  const publisher = publisherOf();
  const [first, second] = [publisher.publish([message('bad', 'k')], { signal }), publisher.publish([message('good', 'k')], { signal })];
  await setImmediate();
  expect(sent.map(({ ids }) => ids)).toEqual([['bad']]);
  answers.shift()?.();
  await setImmediate();
  expect([sent.map(({ producer, ids }) => [producer, ids]), closed]).toEqual([
    [
      [1, ['bad']],
      [2, ['good']],
    ],
    [1],
  ]);
  answers.shift()?.();
  expect([kinds(await first), kinds(await second)]).toEqual([['failed'], ['accepted']]);
});

test('trap 29: what waits for another call is not sent once its own time is over', async () => {
  const { sent, publisherOf } = aBroker(() => new Promise(() => {}));
  const publisher = publisherOf();
  const [blocking, waiting] = [new AbortController(), new AbortController()];
  const results = [publisher.publish([message('a', 'k')], { signal: blocking.signal }), publisher.publish([message('b', 'k')], { signal: waiting.signal })];
  await setImmediate();
  waiting.abort();
  blocking.abort();
  expect((await Promise.all(results)).map(kinds)).toEqual([['unknown'], ['failed']]);
  expect(sent.map(({ ids }) => ids)).toEqual([['a']]);
});

test('trap 29: after a batch whose fate is unknown the producer is given up: its numbers may be taken', async () => {
  let answers = 0;
  const { sent, closed, publisherOf } = aBroker(() => (++answers === 1 ? UNKNOWN : ACCEPTED));
  const publisher = publisherOf();
  expect(kinds(await publisher.publish([message('a', 'k')], { signal }))).toEqual(['unknown']);
  expect(kinds(await publisher.publish([message('a', 'k')], { signal }))).toEqual(['accepted']);
  expect(kinds(await publisher.publish([message('b', 'k')], { signal }))).toEqual(['accepted']);
  expect([sent.map(({ producer }) => producer), closed]).toEqual([[1, 2, 2], [1]]);
});

test('trap 2: after a failure nothing follows in its partition within the call; the others go on', async () => {
  const failing = partitionOf('k0', PARTITIONS);
  const { sent, publisherOf } = aBroker(({ partition }) => (partition === failing ? UNKNOWN : ACCEPTED));
  const messages = Array.from({ length: 12 }, (_, index) => message(`m${index}`, `k${index % 4}`, 300));
  const results = await publisherOf(1_000).publish(messages, { signal });
  const of = (isFailing: boolean) => results.filter((_, index) => (partitionOf(`k${index % 4}`, PARTITIONS) === failing) === isFailing);
  expect(kinds(of(false)).every((kind) => kind === 'accepted')).toBe(true);
  const [first, ...later] = kinds(of(true));
  expect([first, new Set(later)]).toEqual(['unknown', new Set(['failed'])]);
  expect(sent.filter(({ partition }) => partition === failing)).toHaveLength(1);
});

test('one that the broker never takes fails alone, and for good', async () => {
  const { publisherOf } = aBroker((_batch, all) => (all.some(({ records }) => records.some(({ value }) => value.includes('"bad"'))) ? REFUSED : ACCEPTED));
  const results = await publisherOf().publish([message('a', 'k1'), message('bad', 'k1'), message('c', 'k1'), message('d', 'k2'), message('e', 'k3')], { signal });
  expect(results).toEqual([ACCEPTED, REFUSED, ACCEPTED, ACCEPTED, ACCEPTED]);
});

test('a message that is larger than a batch may be is refused with both sizes, before anything is sent of it', async () => {
  const { sent, publisherOf } = aBroker();
  const results = await publisherOf(2_000).publish([message('large', 'k', 3_000), message('small', 'k', 10)], { signal });
  expect(results[0]).toMatchObject({ kind: 'failed', retryable: false, error: { code: 'too-large', details: { maxBytes: 2_000 } } });
  expect([results[1], sent.flatMap(({ ids }) => ids)]).toEqual([ACCEPTED, ['small']]);
});

test('a call that is given up answers at once, and its producer is closed when it has ended', async () => {
  const { promise, resolve } = Promise.withResolvers<PublishResult>();
  const { closed, publisherOf } = aBroker(() => promise);
  const stop = new AbortController();
  const publishing = publisherOf().publish([message('a', 'k')], { signal: stop.signal });
  setTimeout(() => stop.abort());
  expect(kinds(await publishing)).toEqual(['unknown']);
  expect(closed).toEqual([]);
  resolve(ACCEPTED);
  await expect.poll(() => closed).toEqual([1]);
});
