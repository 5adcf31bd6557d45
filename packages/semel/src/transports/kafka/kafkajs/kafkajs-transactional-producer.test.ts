import { beforeEach, expect, test } from 'vitest';
import type { TopicBatch } from '../kafka-client.ts';
import { refusal } from './group-fixture.ts';
import { KafkajsTransactionalProducer } from './kafkajs-transactional-producer.ts';
import type { Cluster, TransactionBroker } from './library.ts';

const place = { group: 'shop/pay', memberId: 'member', generation: 1, topic: 'orders', topicId: 'id' };
const offsets = { place, at: new Map([[0, { offset: 7n, note: '' }]]) };
const LOST = new Error('the connection is gone');

let log: string[];
/** What the requests of a kind are answered, one after another; where nothing is said, all is well. */
let answers: Record<string, (Error | undefined)[]>;
let producer: KafkajsTransactionalProducer;

beforeEach(() => {
  log = [];
  answers = {};
  const ask = (kind: string, what: string) => async () => {
    log.push(`${kind} ${what}`.trim());
    const error = answers[kind]?.shift();
    if (error !== undefined) throw error;
  };
  const broker = {
    addPartitionsToTxn: ({ topics }: Parameters<TransactionBroker['addPartitionsToTxn']>[0]) =>
      ask('join', topics.map(({ topic, partitions }) => `${topic}/${partitions}`).join(' '))(),
    addOffsetsToTxn: ({ groupId }: { readonly groupId: string }) => ask('join', groupId)(),
    endTxn: ({ transactionResult }: { readonly transactionResult: boolean }) => ask(transactionResult ? 'commit' : 'abort', '')(),
    produce: ({ topicData }: Parameters<TransactionBroker['produce']>[0]) =>
      ask('produce', topicData.flatMap(({ topic, partitions }) => partitions.map(({ partition, firstSequence }) => `${topic}/${partition} from ${firstSequence}`)).join(' '))(),
    connectionPool: {
      send: async () => {
        await ask('offsets', '')();
        return [];
      },
    },
  } as unknown as TransactionBroker;
  const cluster = {
    findGroupCoordinator: async () => broker,
    findBroker: async () => broker,
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
    refreshMetadata: async () => {},
  } as unknown as Cluster;
  producer = new KafkajsTransactionalProducer(cluster, { transactionalId: 'me', producerId: '1', producerEpoch: 0 }, async () => broker);
});

const batchOf = (...values: readonly string[]): TopicBatch => ({ topic: 'totals', partition: 0, records: values.map((value) => ({ key: null, value, headers: {} })) });

test('a transaction is joined, fenced by the group, written and committed, in this order; what is appended is numbered on', async () => {
  expect(await producer.commit({ batches: [batchOf('a', 'b'), batchOf('c')], offsets })).toEqual({ kind: 'committed' });
  expect(await producer.commit({ batches: [batchOf('d')], offsets: undefined })).toEqual({ kind: 'committed' });
  expect(log).toEqual([
    'join totals/0',
    'join shop/pay',
    'offsets',
    'produce totals/0 from 0',
    'produce totals/0 from 2',
    'commit',
    'join totals/0',
    'produce totals/0 from 3',
    'commit',
  ]);
});

test('trap 29: a zombie is told so before anything is written, and its transaction is aborted', async () => {
  answers['offsets'] = [refusal('ILLEGAL_GENERATION')];
  expect(await producer.commit({ batches: [batchOf('a')], offsets })).toMatchObject({ kind: 'aborted', because: 'evicted' });
  expect(log).toEqual(['join totals/0', 'join shop/pay', 'offsets', 'abort']);
});

test.each([
  ['INVALID_PRODUCER_EPOCH', 'fenced'],
  ['MESSAGE_TOO_LARGE', 'refused'],
  ['NOT_LEADER_FOR_PARTITION', 'failed'],
])('what cannot be written is aborted: %s is %s', async (word, because) => {
  answers['produce'] = [refusal(word)];
  expect(await producer.commit({ batches: [batchOf('a')], offsets: undefined })).toMatchObject({ kind: 'aborted', because });
  expect(log.at(-1)).toBe('abort');
});

test('traps 19 and 50: a lost answer to the end is unknown, and is asked for again', async () => {
  answers['commit'] = [LOST];
  expect(await producer.commit({ batches: [batchOf('a')], offsets: undefined })).toEqual({ kind: 'unknown', error: LOST });
  expect(await producer.ask()).toBe('committed');
  answers['commit'] = [LOST, refusal('INVALID_PRODUCER_EPOCH')];
  expect([await producer.ask(), await producer.ask()]).toEqual(['unknown', 'over']);
});

test('trap 50: a fence tells what became of a transaction only to who asks for the first time', async () => {
  answers['commit'] = [refusal('INVALID_PRODUCER_EPOCH'), refusal('GROUP_COORDINATOR_NOT_AVAILABLE'), refusal('INVALID_PRODUCER_EPOCH')];
  expect(await producer.commit({ batches: [batchOf('a')], offsets: undefined })).toMatchObject({ kind: 'aborted', because: 'fenced' });
  expect(await producer.commit({ batches: [batchOf('a')], offsets: undefined })).toMatchObject({ kind: 'unknown' });
});

test('what the coordinator is not ready for is asked for again', async () => {
  answers['join'] = [refusal('CONCURRENT_TRANSACTIONS'), refusal('CONCURRENT_TRANSACTIONS')];
  expect(await producer.commit({ batches: [batchOf('a')], offsets: undefined })).toEqual({ kind: 'committed' });
  expect(log.filter((line) => line.startsWith('join'))).toHaveLength(3);
});
