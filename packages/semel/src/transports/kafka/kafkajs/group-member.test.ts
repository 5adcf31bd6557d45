import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRuntime } from '../../../core/runtime.ts';
import type { JoinRequest, MemberListener, PartitionReader } from '../kafka-client.ts';
import { fetchedFrom, PlayedCluster, refusal } from './group-fixture.ts';
import { GroupMember } from './group-member.ts';

const REQUEST: JoinRequest = {
  topic: 'orders',
  group: 'shop/pay',
  previousGroups: [],
  marksStart: false,
  instance: undefined,
  rebalance: 'eager',
  sessionTimeoutMs: 100,
  heartbeatMs: 10,
  rebalanceTimeoutMs: 1_000,
  fetchBytes: 1_000,
  runtime: systemRuntime,
};

let played: PlayedCluster;
let log: string[];
let member: GroupMember;
let reader: PartitionReader;
/** Awaited by whoever is told that partitions are revoked, or assigned. */
let draining: Promise<void> | undefined;
let takingOver: Promise<void> | undefined;

const listener: MemberListener = {
  assigned: async (partitions, topicId, given) => {
    await takingOver;
    reader = given;
    log.push(`assigned ${partitions} of ${Buffer.from(topicId, 'base64url')}`);
  },
  revoked: async (partitions) => {
    await draining;
    log.push(`revoked ${partitions}`);
  },
  lost: async (partitions) => void log.push(`lost ${partitions}`),
  fetched: ({ partition, records, next }) => void log.push(`fetched ${records.map(({ offset }) => offset)} of ${partition}, next ${next}`),
  outOfRange: (partition, offset) => void log.push(`no ${offset} in ${partition}`),
  trouble: (error) => void log.push(`trouble: ${(error as Error).message}`),
};

beforeEach(() => {
  played = new PlayedCluster();
  log = played.log;
  draining = undefined;
  takingOver = undefined;
  member = new GroupMember(played.cluster, REQUEST, listener);
});

afterEach(() => member.close());

const until = (line: string) => expect.poll(() => log).toContain(line);

test('joins, and nothing is read before what is assigned is taken over', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  takingOver = promise;
  played.fetch = (partition) => fetchedFrom(partition, [0]);
  const joining = member.join();
  await until('join as nobody');
  await new Promise((done) => setTimeout(done, 30));
  expect(log).toEqual(['join as nobody']);
  resolve();
  await joining;
  expect(log).toEqual(['join as nobody', 'assigned 0,1 of first-topic-0001']);
});

test('trap 29: in a rebalance it joins again only when what it held is given up, and beats meanwhile', async () => {
  await member.join();
  const { promise, resolve } = Promise.withResolvers<void>();
  draining = promise;
  played.beat = 'REBALANCE_IN_PROGRESS';
  await new Promise((done) => setTimeout(done, 60));
  expect(log.slice(2)).toEqual([]);
  resolve();
  await until('join as member-1');
  await expect.poll(() => log.slice(2)).toEqual(['revoked 0,1', 'join as member-1', 'assigned 0,1 of first-topic-0001']);
});

test.each([
  ['UNKNOWN_MEMBER_ID', ['join as member-1', 'join as nobody']],
  ['ILLEGAL_GENERATION', ['join as member-1']],
])('trap 29: one that the group went on without has lost what it held: %s', async (word, joins) => {
  await member.join();
  played.beat = word;
  await expect.poll(() => log.slice(2)).toEqual(['lost 0,1', ...joins, 'assigned 0,1 of first-topic-0001']);
});

test('trap 29: tells offsets under its generation, so that a later one refuses them', async () => {
  await member.join();
  await member.commit(new Map([[0, 5n]]));
  expect(log.at(-1)).toBe('commit as member-1 of generation 1');
});

test('reads on where each fetch ended', async () => {
  played.fetch = (partition, offset) => (offset < 6 ? fetchedFrom(partition, [offset, offset + 1]) : undefined);
  await member.join();
  reader.read(0, 2n);
  await until('fetched 4,5 of 0, next 6');
  expect(log.slice(2)).toEqual(['fetched 2,3 of 0, next 4', 'fetched 4,5 of 0, next 6']);
});

test('trap 28: of a fetch that another read has overtaken nothing is taken', async () => {
  played.fetch = (partition, offset) => (offset < 6 ? fetchedFrom(partition, [offset, offset + 1]) : undefined);
  await member.join();
  reader.read(0, 2n);
  reader.read(0, 4n);
  await until('fetched 4,5 of 0, next 6');
  expect(log.slice(2)).toEqual(['fetched 4,5 of 0, next 6']);
});

test('a broker that is gone is forgotten with its dead connections, also where kafkajs has wrapped the error', async () => {
  const lost = Object.assign(new Error('Connection error'), { name: 'KafkaJSConnectionError', broker: '::1:9092' });
  played.fetch = (partition) => (partition === 0 ? new Error('gave up', { cause: lost }) : undefined);
  await member.join();
  reader.read(0, 0n);
  await until('remove ::1 at 9092');
});

test('a paused partition is not read; it goes on where it was', async () => {
  played.fetch = (partition, offset) => (offset < 100 ? fetchedFrom(partition, [offset]) : undefined);
  await member.join();
  reader.pause(0, true);
  reader.read(0, 7n);
  await new Promise((done) => setTimeout(done, 30));
  expect(log.slice(2)).toEqual([]);
  reader.pause(0, false);
  await until('fetched 7 of 0, next 8');
});

test('an offset that is not there stops its partition alone', async () => {
  played.fetch = (partition, offset) => {
    if (partition === 0) return refusal('OFFSET_OUT_OF_RANGE', { partition });
    return offset === 3 ? fetchedFrom(1, [3]) : undefined;
  };
  await member.join();
  reader.read(0, 9n);
  reader.read(1, 3n);
  await until('fetched 3 of 1, next 4');
  expect(log.filter((line) => line.startsWith('no'))).toEqual(['no 9 in 0']);
});

test('a partition that cannot be fetched holds the others up for a moment only, and is told', async () => {
  played.fetch = (partition, offset) => (partition === 0 ? refusal('KAFKA_STORAGE_ERROR') : offset === 3 ? fetchedFrom(1, [3]) : undefined);
  await member.join();
  reader.read(1, 3n);
  reader.read(0, 0n);
  await until('fetched 3 of 1, next 4');
  await until('trouble: KAFKA_STORAGE_ERROR');
});

test('a topic that is made anew is lost under its old id and taken over under its new one, at the first sign', async () => {
  played.fetch = (partition, offset) => (played.topicId === 'first-topic-0001' ? undefined : refusal('OFFSET_OUT_OF_RANGE', { partition, offset }));
  await member.join();
  reader.read(0, 9n);
  played.topicId = 'other-topic-0002';
  await until('assigned 0,1 of other-topic-0002');
  expect(log).toContain('lost 0,1');
  expect(log).not.toContain('no 9 in 0');
});

test('partitions that are added are shared out', async () => {
  await member.join();
  played.partitions = 3;
  await expect.poll(() => log.slice(2)).toEqual(['revoked 0,1', 'join as member-1', 'assigned 0,1,2 of first-topic-0001']);
});

test('what cannot be taken over is tried again', async () => {
  let failures = 2;
  const failing: MemberListener = {
    ...listener,
    assigned: async (...given) => {
      if (failures-- > 0) throw new Error('no store');
      return listener.assigned(...given);
    },
  };
  member = new GroupMember(played.cluster, REQUEST, failing);
  await member.join();
  expect(log).toEqual(['join as nobody', 'trouble: no store', 'trouble: no store', 'assigned 0,1 of first-topic-0001']);
});

test('gives up what it holds before it leaves', async () => {
  await member.join();
  await member.close();
  expect(log.slice(2)).toEqual(['revoked 0,1', 'leave member-1', 'disconnect']);
});
