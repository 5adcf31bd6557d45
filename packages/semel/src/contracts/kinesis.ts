import type { Contract } from '../core/contract.ts';

const DEV = 'https://docs.aws.amazon.com/streams/latest/dev';
const API = 'https://docs.aws.amazon.com/kinesis/latest/APIReference';
const DUPLICATES = `${DEV}/kinesis-record-processor-duplicates.html`;
const DAY_MS = 86_400_000;

/** What Amazon Kinesis Data Streams promises. */
export const kinesisContract: Contract = {
  service: 'Amazon Kinesis Data Streams',
  delivery: { value: 'at-least-once', source: DUPLICATES },
  ordering: { value: 'partition', source: `${DEV}/key-concepts.html: a shard, to which a partition key always leads until it is split` },
  settlement: { value: 'position', source: `${API}/API_GetShardIterator.html: who reads keeps the sequence number` },
  takenBack: { value: 'connection', source: `${DUPLICATES}: whoever takes a shard over reads on from the last checkpoint` },
  duplicates: { value: ['unsettled', 'publish-retry', 'rebalance', 'redrive'], source: `${DUPLICATES}; a shard can be read again from any place` },
  redeliveryWindowMs: { value: null, source: `${DUPLICATES}: a producer may put a record again at any time; a shard itself is read once, by position` },
  redelivery: { value: [{ place: 'the stream', maxMs: 365 * DAY_MS }], source: `${DEV}/kinesis-extended-retention.html: 8,760 hours` },
  deadline: { value: null, source: `${API}/API_GetRecords.html: reading takes nothing out` },
  delayedRetry: { value: false, source: `${API}/API_GetRecords.html: a shard is read in order` },
  countsAttempts: { value: false, source: `${API}/API_Record.html: no record carries a count` },
  attempts: { value: { most: null, then: 'blocks' }, source: `${API}/API_GetRecords.html: a shard is read in order` },
  retention: { value: { defaultMs: DAY_MS, maxMs: 365 * DAY_MS }, source: `${DEV}/kinesis-extended-retention.html` },
  dedupWindowMs: { value: 0, source: DUPLICATES },
  dedupKey: { value: 'none', source: DUPLICATES },
  messageId: { value: 'The sequence number names the record, not the event: a publish that is repeated has a second one.', source: DUPLICATES },
  fencedAcknowledgement: { value: false, source: `${API}/API_GetRecords.html: two readers of a shard are not kept apart; a checkpoint is a row of their own` },
  maxMessageBytes: { value: 10_485_760, source: `${API}/API_PutRecords.html: its partition key counts as well` },
  maxBatch: { value: 500, source: `${API}/API_PutRecords.html` },
  maxInFlight: { value: null, source: `${API}/API_GetRecords.html` },
  batchPublish: { value: 'each', source: `${API}/API_PutRecords.html: records after one that failed are written all the same, so a retry of it loses the order` },
  batchSettlement: { value: 'first-failure', source: `${DEV}/kinesis-record-processor-duplicates.html: a checkpoint stands for all before it` },
  acknowledgement: { value: 'There is none: the reader keeps its position itself.', source: `${API}/API_GetRecords.html` },
  publishReply: { value: 'The record is in its shard, under the sequence number of the reply.', source: `${API}/API_PutRecord.html` },
};
