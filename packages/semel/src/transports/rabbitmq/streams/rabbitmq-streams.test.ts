import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeCloudEvent } from '../../../core/cloudevents.ts';
import type { Delivery } from '../../../core/delivery.ts';
import { seal } from '../../../core/seal.ts';
import type { Feed, SubscribeOptions, Transport } from '../../../core/transport.ts';
import { manualRuntime } from '../../../testing/manual-runtime.ts';
import { subscribeOptions } from '../../../testing/subscribe-options.ts';
import { PlayedPositions } from '../../../testing/transport-suite/played-positions.ts';
import { idsOf } from '../../../testing/transport-suite/transport-bench.ts';
import { type PlayedChannel, PlayedRabbitmq } from '../played-rabbitmq-fixture.ts';
import { type RabbitmqStreamsOptions, rabbitmqStreams } from './rabbitmq-streams.ts';

const TURN = 'shop.pay.turn';

let runtime: ReturnType<typeof manualRuntime>;
let positions: PlayedPositions;
let broker: PlayedRabbitmq;

beforeEach(() => {
  runtime = manualRuntime();
  positions = new PlayedPositions();
  broker = new PlayedRabbitmq();
});

const sealedOf = (id: string) => seal({ topic: 'orders', source: 'shop/orders', id, type: 'orders', time: '2026-01-01T00:00:00.000Z', data: { id }, headers: {} });

async function subscribed(options: RabbitmqStreamsOptions = {}, given: Partial<SubscribeOptions> = {}): Promise<Feed> {
  const { subscriber } = rabbitmqStreams(broker.connect, options) as Required<Transport>;
  return subscriber.subscribe('orders', subscribeOptions({ runtime, ...given }, positions));
}

/** Brings records of these offsets; each is what its offset says, unless it is told otherwise. */
function bring(channel: PlayedChannel, offsets: readonly number[], what = 'm'): void {
  for (const offset of offsets) channel.deliver(encodeCloudEvent(sealedOf(`${what}${offset}`)), {}, { messageId: `${what}${offset}`, headers: { 'x-stream-offset': offset } });
}

/** What comes until everything rests: a played broker needs no time. */
async function receive(feed: Feed, max = 10): Promise<readonly Delivery[]> {
  const rest = new AbortController();
  const received = feed.receive({ max, signal: rest.signal });
  received.catch(() => {}); // it may fail before it is awaited
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  rest.abort();
  return received;
}

/** Settles as the engine does after a commit. */
async function done(feed: Feed, deliveries: readonly Delivery[]): Promise<void> {
  for (const { receipt } of deliveries) expect(positions.advance('pay', receipt)).toBe(true);
  await feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
}

/** A feed of a consumer that has handled records 0 to 2, and the channel on which it reads on. */
async function resumed(options: RabbitmqStreamsOptions = {}): Promise<{ readonly feed: Feed; readonly channel: PlayedChannel }> {
  const first = await subscribed();
  bring(broker.channel, [0, 1, 2]);
  await done(first, await receive(first));
  await first.close();
  const feed = await subscribed(options);
  return { feed, channel: broker.channel };
}

/** What is received, or the code of the error, round by round. */
async function rounds(feed: Feed, count: number): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (let round = 0; round < count; round++) {
    results.push(
      await receive(feed).then(
        (deliveries) => idsOf(deliveries),
        (error) => error.code,
      ),
    );
  }
  return results;
}

describe('reading', () => {
  test('begins with the first record, by a consumer that has a bound', async () => {
    const feed = await subscribed({ prefetch: 7 });
    expect([broker.channel.consumer, broker.channel.prefetched]).toEqual([{ 'x-stream-offset': 'first' }, 7]);
    bring(broker.channel, [12, 13]); // what was before is gone, and nobody had read it
    expect(idsOf(await receive(feed))).toEqual(['m12', 'm13']);
  });

  test('trap 28: a position names what follows its record, and begins with the record before, which does not come again', async () => {
    const { feed, channel } = await resumed();
    expect([positions.position('pay', 'orders')?.split('/')[0], channel.consumer]).toEqual(['3', { 'x-stream-offset': 2 }]);
    bring(channel, [2, 3, 4]);
    const deliveries = await receive(feed);
    expect(idsOf(deliveries)).toEqual(['m3', 'm4']);
    await done(feed, deliveries);
  });

  test('makes room for more when records are taken, and not before: memory is bounded', async () => {
    const feed = await subscribed({ prefetch: 3 });
    bring(broker.channel, [0, 1, 2]);
    expect(broker.channel.acked).toEqual([]);
    await receive(feed, 2);
    expect(broker.channel.acked).toEqual([2]); // and with it the one before
  });

  test('what is to come again is read again, from where the store says, and in order', async () => {
    const feed = await subscribed();
    bring(broker.channel, [0, 1, 2, 3]);
    const [first, ...rest] = await receive(feed);
    await done(feed, [first as Delivery]);
    await feed.settle(rest.map((delivery) => ({ delivery, outcome: { kind: 'released' } })));
    const again = receive(feed);
    await setImmediate();
    bring(broker.channel, [0, 1, 2, 3]);
    expect(idsOf(await again)).toEqual(['m1', 'm2', 'm3']);
  });

  test('from now on: behind the last record there is; since a time: from there', async () => {
    const subscribing = subscribed({}, { from: 'now' });
    await setImmediate();
    expect(broker.channel.consumer).toEqual({ 'x-stream-offset': 'last' });
    bring(broker.channel, [40, 41]);
    await subscribing;
    await subscribed({}, { consumer: 'ship', from: { sinceMs: 1_800_000_999 } });
    const starts = broker.channels.flatMap(({ consumer }) => consumer ?? []);
    expect(starts).toEqual([42, 'last', { '!': 'timestamp', value: 1_800_000 }].map((start) => ({ 'x-stream-offset': start })));
  });

  test('what has no offset is no record of a stream, and is refused', async () => {
    const feed = await subscribed({ declare: false });
    broker.channel.deliver('{}');
    await expect(receive(feed)).rejects.toMatchObject({ cause: { message: expect.stringContaining('no stream') } });
  });

  test('the end of a channel loses nothing: what has come is handled, and the next one begins behind it', async () => {
    const feed = await subscribed();
    bring(broker.channel, [0, 1, 2]);
    const inHand = await receive(feed, 1);
    broker.channel.emit('error', new Error('PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out'));
    broker.channel.end();
    expect(await feed.extend(inHand)).toEqual([]);
    await done(feed, inHand);
    const rest = await receive(feed);
    expect(idsOf(rest)).toEqual(['m1', 'm2']);
    await done(feed, rest);
    expect(await rounds(feed, 2)).toEqual(['transport-unavailable', []]);
    expect(broker.channel.consumer).toEqual({ 'x-stream-offset': 2 });
  });
});

describe('trap 28: what is missing is never passed over in silence', () => {
  for (const [what, offsets, before] of [
    ['behind the position', [2, 3, 6], ['m3']],
    ['at the position', [6, 7], []],
  ] as const) {
    test(`a hole ${what} stops the stream; what is before it is handled`, async () => {
      const { feed, channel } = await resumed();
      bring(channel, offsets);
      const expected = before.length > 0 ? [[...before], 'position-gone', []] : ['position-gone', []];
      expect(await rounds(feed, expected.length)).toEqual(expected);
      expect(await feed.pending?.()).toBe(1);
    });
  }

  test('with `continue` a hole is told, and what follows it is handled', async () => {
    const { feed, channel } = await resumed({ onGap: 'continue' });
    bring(channel, [2, 3, 6]);
    const deliveries = await receive(feed);
    expect(idsOf(deliveries)).toEqual(['m3', 'm6']);
    await done(feed, deliveries);
    await expect(receive(feed)).rejects.toMatchObject({ code: 'position-gone', message: expect.stringContaining('records 4 to 5 do not come') });
  });

  test('one offset is the broker’s own, where a segment begins: nothing is missing', async () => {
    const { feed, channel } = await resumed();
    bring(channel, [2, 3, 5, 7]);
    expect(await rounds(feed, 2)).toEqual([['m3', 'm5', 'm7'], []]);
  });

  test('a record is gone that was handled, and none after it: nothing is missing', async () => {
    const { feed, channel } = await resumed();
    bring(channel, [3, 4]);
    expect(await rounds(feed, 2)).toEqual([['m3', 'm4'], []]);
  });

  test('a stream that was made anew under its name is not taken for the old one', async () => {
    const { feed, channel } = await resumed();
    bring(channel, [2, 3], 'new');
    expect(await rounds(feed, 2)).toEqual(['position-gone', []]);
  });

  test('one that was made anew and is shorter is found out by its silence; with `continue` it is read from its beginning', async () => {
    const { feed } = await resumed({ onGap: 'continue' });
    await runtime.advance(5_000);
    expect(await rounds(feed, 2)).toEqual(['position-gone', []]);
    expect(broker.channel.consumer).toEqual({ 'x-stream-offset': 'first' });
    bring(broker.channel, [0], 'new');
    const deliveries = await receive(feed);
    expect(idsOf(deliveries)).toEqual(['new0']);
    await done(feed, deliveries);
  });
});

describe('turns', () => {
  const locked = Object.assign(new Error("RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'shop.pay.turn'"), { code: 405 });

  test('trap 29: it reads nothing and takes nothing over while another has the turn; then it does', async () => {
    broker.prepare = (channel) => channel.failures.set(`assert queue ${TURN}`, locked);
    const feed = await subscribed();
    expect([await rounds(feed, 1), await feed.pending?.()]).toEqual([[[]], 0]);
    expect(broker.channels.some(({ asked }) => asked.includes('consume orders'))).toBe(false);
    broker.prepare = () => {};
    await runtime.advance(2_000);
    const waiting = receive(feed);
    await setImmediate();
    bring(broker.channel, [0]);
    expect((await waiting).map(({ receipt }) => receipt)).toMatchObject([{ partition: 'orders', from: '', epoch: 1 }]);
  });

  test('trap 29: the turn ends with its connection: what is in hand is another’s, and it reads on under a new epoch', async () => {
    const feed = await subscribed();
    bring(broker.channel, [0, 1]);
    const stale = await receive(feed, 1);
    broker.channel.end();
    broker.connections[0]?.emit('close');
    await setImmediate();
    expect(await feed.extend(stale)).toEqual(stale);
    expect(await rounds(feed, 2)).toEqual(['transport-unavailable', []]);
    expect(broker.connections).toHaveLength(2);
    bring(broker.channel, [0]);
    const [delivery] = await receive(feed);
    expect([delivery?.receipt, stale[0]?.receipt]).toMatchObject([{ epoch: 2 }, { epoch: 1 }]);
  });

  test('whoever leaves gives the partition up before the turn', async () => {
    const events: string[] = [];
    const feed = await subscribed({}, { revoked: async () => void events.push('revoked'), released: async () => void events.push('released') });
    broker.channel.on('close', () => events.push('channel closed'));
    await feed.close();
    expect(events).toEqual(['revoked', 'released', 'channel closed']);
  });
});

test('whoever publishes makes the stream: a record need not wait for its first reader', async () => {
  const { publisher } = rabbitmqStreams(broker.connect, { arguments: { 'x-max-age': '7D' } }) as Required<Transport>;
  const results = publisher.publish([sealedOf('a')], { signal: AbortSignal.timeout(1_000) });
  await setImmediate();
  broker.channel.sent[0]?.confirmed(null);
  expect(await results).toEqual([{ kind: 'accepted' }]);
  expect(broker.channel.asked).toEqual(['assert exchange orders topic', 'assert queue orders', 'bind orders to orders by #', 'publish']);
  expect(broker.channel.queueArguments.get('orders')).toEqual({ 'x-queue-type': 'stream', 'x-max-age': '7D' });
});

test.each([
  [{ prefetch: 0 }, 'prefetch'],
  [{ prefetch: 70_000 }, 'prefetch'],
  [{ declare: 'no' }, 'declare'],
  [{ onGap: 'skip' }, 'onGap'],
  [{ stream: 'orders' }, 'stream'],
  [{ turn: 'shop' }, 'turn'],
  [{ arguments: 'x' }, 'arguments'],
  [{ queue: () => '' }, 'queue'],
])('%o is refused, naming %s', (options, name) => {
  expect(() => rabbitmqStreams(broker.connect, options as never)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(name) }));
});
