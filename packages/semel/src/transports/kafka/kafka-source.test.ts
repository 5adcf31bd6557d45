import { beforeEach, expect, test } from 'vitest';
import type { SubscribeOptions } from '../../core/transport.ts';
import { Wire } from '../../core/wire.ts';
import { manualRuntime } from '../../testing/manual-runtime.ts';
import { subscribeOptions } from '../../testing/subscribe-options.ts';
import { PlayedPositions } from '../../testing/transport-suite/played-positions.ts';
import type { FetchedRecord, JoinRequest, KafkaClient, PartitionReader } from './kafka-client.ts';
import { KafkaSource } from './kafka-source.ts';

const READING = {
  onGap: 'stop',
  fetchBytes: 1_000,
  bufferBytes: 3_000,
  sessionTimeoutMs: 1,
  heartbeatMs: 1,
  rebalanceTimeoutMs: 1,
  rebalance: 'eager',
  instance: undefined,
} as const;

let runtime: ReturnType<typeof manualRuntime>;
let positions: PlayedPositions;
/** What happened, in its order. */
let log: string[];
let bounds: { beginning: bigint; end: bigint };
/** What the group says of its assignment. */
let isStable: boolean;

beforeEach(() => {
  runtime = manualRuntime();
  positions = new PlayedPositions();
  log = [];
  bounds = { beginning: 0n, end: 0n };
  isStable = true;
});

const reader: PartitionReader = {
  read: (partition, offset) => void log.push(`read ${partition} from ${offset}`),
  pause: (partition, paused) => void log.push(`${paused ? 'pause' : 'resume'} ${partition}`),
  offsets: async (at) => new Map([0, 1, 2].map((partition) => [partition, at === 'end' ? bounds.end : bounds.beginning])),
  marks: async () => new Map([[0, 7n]]),
};

async function joined(given: Partial<SubscribeOptions> = {}, reading: Partial<typeof READING | { onGap: 'continue' }> = {}) {
  const options = subscribeOptions({ previousNames: ['old'], runtime, revoked: async (partitions) => void log.push(`drained ${partitions}`), ...given }, positions);
  const source = new KafkaSource('orders', options, { ...READING, ...reading }, new Wire('test', 'ce_', {}));
  let request: JoinRequest | undefined;
  const client = {
    join: async (asked: JoinRequest) => {
      request = asked;
      return { commit: async (offsets: ReadonlyMap<number, bigint>) => void log.push(`commit ${[...offsets]}`), isStable: async () => isStable, close: async () => {} };
    },
  } as unknown as KafkaClient;
  await source.join(client);
  return { source, feed: source.feed, request };
}

const recordAt = (offset: number, bytes = 0): FetchedRecord => ({ offset: BigInt(offset), key: null, value: new Uint8Array(bytes), headers: {}, atMs: 0 });

function fetched(source: KafkaSource, partition: number, offsets: readonly number[], bytes = 0): void {
  source.fetched({ partition, records: offsets.map((offset) => recordAt(offset, bytes)), next: BigInt((offsets.at(-1) ?? 0) + 1) });
}

async function receive({ feed }: Awaited<ReturnType<typeof joined>>, max = 100) {
  return feed.receive({ max, signal: AbortSignal.timeout(50) });
}

test('trap 28: steps name the record before and the record itself, over holes in the log, under the topic’s id', async () => {
  const member = await joined();
  await member.source.assigned([0], 'topic-id', reader);
  fetched(member.source, 0, [3, 4, 9]);
  const receipts = (await receive(member)).map(({ receipt }) => receipt);
  expect(receipts).toEqual(
    [
      ['', '4'],
      ['4', '5'],
      ['5', '10'],
    ].map(([from, to]) => ({ kind: 'position', partition: 'topic-id/0', from, to, epoch: 1 })),
  );
});

test('a topic that is made anew has positions of its own', async () => {
  const member = await joined();
  await member.source.assigned([0], 'first', reader);
  fetched(member.source, 0, [0, 1, 2]);
  for (const { receipt } of await receive(member)) positions.advance('pay', receipt);
  await member.source.lost([0]);
  log.length = 0;
  await member.source.assigned([0], 'second', reader);
  expect(log).toContain('read 0 from 0');
  await member.source.lost([0]);
  await member.source.assigned([0], 'first', reader);
  expect(log).toContain('read 0 from 3');
});

test('trap 29: in hand is finished, then the store gives up, then the group is told how far it came, and never of what is lost', async () => {
  const member = await joined();
  await member.source.assigned([0, 1], 'id', reader);
  fetched(member.source, 0, [0]);
  fetched(member.source, 1, [0]);
  const deliveries = await receive(member);
  log.length = 0;
  for (const { receipt } of deliveries) positions.advance('pay', receipt);
  await member.feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
  expect(log).toEqual([]);
  await member.source.lost([1]);
  await member.source.revoked([0]);
  expect(log).toEqual(['drained id/1', 'drained id/0', 'commit 0,1']);
});

test('where an owner died before it told the group how far it came, the next one does, also if nothing comes', async () => {
  const [before] = positions.acquire('pay', ['id/0']);
  positions.advance('pay', { kind: 'position', partition: 'id/0', from: '', to: '5', epoch: before!.epoch });
  const member = await joined();
  await member.source.assigned([0, 1], 'id', reader);
  await runtime.advance(1_000);
  expect(log.filter((line) => line.startsWith('commit'))).toEqual(['commit 0,5']);
});

test('trap 24: what is not settled, or comes again, is not told to the group', async () => {
  const member = await joined();
  await member.source.assigned([0], 'id', reader);
  fetched(member.source, 0, [0, 1, 2]);
  const [first, second, third] = await receive(member);
  await member.feed.settle([{ delivery: first!, outcome: { kind: 'done' } }]);
  await member.feed.settle([{ delivery: second!, outcome: { kind: 'unknown' } }]);
  await member.feed.settle([{ delivery: third!, outcome: { kind: 'done' } }]);
  await runtime.advance(1_000);
  expect(log.filter((line) => line.startsWith('commit'))).toEqual(['commit 0,1']);
});

test('nothing more is fetched of a partition that is full, or of any that has something while all together are', async () => {
  const member = await joined();
  await member.source.assigned([0, 1, 2], 'id', reader);
  log.length = 0;
  fetched(member.source, 0, [0], 2_000);
  expect(log).toEqual(['pause 0']);
  fetched(member.source, 1, [0], 500);
  fetched(member.source, 2, [0], 600);
  expect(log).toEqual(['pause 0', 'pause 2']);
  await receive(member, 1);
  expect(log.slice(2)).toEqual(['resume 0', 'resume 2']);
});

test('what is to be read again is dropped, and fetched again from where the store says', async () => {
  const member = await joined();
  await member.source.assigned([0], 'id', reader);
  fetched(member.source, 0, [0, 1, 2, 3]);
  const [first, second] = await receive(member, 2);
  positions.advance('pay', first!.receipt);
  log.length = 0;
  await member.feed.settle([{ delivery: second!, outcome: { kind: 'released' } }]);
  expect([log, await member.feed.pending()]).toEqual([['pause 0'], 1]);
  expect(await receive(member)).toEqual([]);
  expect(log).toEqual(['pause 0', 'read 0 from 1', 'resume 0']);
});

test.each(['stop', 'continue'] as const)('a position that its log does not have is never passed over in silence: %s', async (onGap) => {
  const member = await joined({}, { onGap });
  bounds = { beginning: 50n, end: 60n };
  await member.source.assigned([0, 1], 'id', reader);
  log.length = 0;
  member.source.outOfRange(0, 50n); // as if it had been there when it was asked for
  await expect(receive(member)).rejects.toMatchObject({ code: 'position-gone', details: { partition: 0, beginning: '50', end: '60' } });
  expect(log).toEqual(onGap === 'stop' ? [] : ['read 0 from 50']);
  fetched(member.source, 1, [50]);
  expect(await receive(member)).toHaveLength(1);
});

test('the error says whether records were removed or the log is cut off', async () => {
  const messages: string[] = [];
  for (const [beginning, end] of [
    [9n, 20n],
    [0n, 3n],
  ] as const) {
    positions = new PlayedPositions();
    const member = await joined();
    const [owned] = positions.acquire('pay', ['id/0']);
    positions.advance('pay', { kind: 'position', partition: 'id/0', from: '', to: '5', epoch: owned!.epoch });
    positions.release('pay', [owned!]);
    bounds = { beginning, end };
    await member.source.assigned([0], 'id', reader);
    member.source.outOfRange(0, 5n);
    messages.push(await receive(member).then(String, ({ message }: Error) => message));
  }
  expect(messages).toEqual([expect.stringContaining('4 records from 5 on were removed before they were read'), expect.stringContaining('it ends at 3, before position 5')]);
});

test('what is left is not known in the middle of a rebalance', async () => {
  const member = await joined();
  await member.source.assigned([0], 'id', reader);
  expect(await member.feed.pending()).toBe(0);
  await member.source.revoked([0]);
  expect(await member.feed.pending()).toBe(1);
  await member.source.assigned([], 'id', reader);
  expect(await member.feed.pending()).toBe(0);
  isStable = false; // another has left, and this one has not heard of it yet
  expect(await member.feed.pending()).toBe(1);
});

test('trouble of the broker is told once in a while, and stops no partition', async () => {
  const member = await joined();
  await member.source.assigned([0], 'id', reader);
  for (let time = 0; time < 3; time++) member.source.trouble(new Error('connection lost'));
  fetched(member.source, 0, [0]);
  expect(await receive(member)).toHaveLength(1);
  await expect(receive(member)).rejects.toMatchObject({ code: 'transport-unavailable', message: 'kafka: connection lost' });
  member.source.trouble(new Error('connection lost'));
  expect(await receive(member)).toEqual([]);
  await runtime.advance(30_000);
  member.source.trouble(new Error('connection lost'));
  await expect(receive(member)).rejects.toThrow('connection lost');
});

test('from now on means from when the group was first joined', async () => {
  const member = await joined({ from: 'now' });
  expect(member.request).toMatchObject({ group: 'shop/pay', previousGroups: ['shop/old'], marksStart: true });
  await member.source.assigned([0, 1], 'id', reader);
  expect(log.filter((line) => line.startsWith('read'))).toEqual(['read 0 from 7', 'read 1 from 0']);
});
