import type { Contract } from '../core/contract.ts';

const GUIDE = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide';
const STREAMS = `${GUIDE}/Streams.html`;
const API = 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference';
const DAY_MS = 86_400_000;

/** What the stream of a table of Amazon DynamoDB promises. */
export const dynamodbStreamsContract: Contract = {
  service: 'Amazon DynamoDB Streams',
  delivery: { value: 'at-least-once', source: `${STREAMS}: each record stands in the stream once; who reads it again after a crash has it twice` },
  ordering: { value: 'key', source: `${STREAMS}: the changes of an item` },
  settlement: { value: 'position', source: `${API}/API_streams_GetShardIterator.html: who reads keeps the sequence number` },
  takenBack: { value: 'connection', source: `${GUIDE}/Streams.KCLAdapter.html: whoever takes a shard over reads on from the last checkpoint` },
  duplicates: { value: ['unsettled', 'rebalance', 'redrive'], source: `${GUIDE}/Streams.KCLAdapter.html; a shard can be read again from any place` },
  redeliveryWindowMs: { value: DAY_MS, source: STREAMS },
  redelivery: { value: [{ place: 'the stream', maxMs: DAY_MS }], source: STREAMS },
  deadline: { value: null, source: `${API}/API_streams_GetRecords.html: reading takes nothing out` },
  delayedRetry: { value: false, source: `${API}/API_streams_GetRecords.html: a shard is read in order` },
  countsAttempts: { value: false, source: `${API}/API_streams_Record.html` },
  attempts: { value: { most: null, then: 'blocks' }, source: `${API}/API_streams_GetRecords.html: a shard is read in order, parents before children` },
  retention: { value: { defaultMs: DAY_MS, maxMs: DAY_MS }, source: STREAMS },
  dedupWindowMs: { value: 0, source: `${STREAMS}: a record is made by each write that changes an item` },
  dedupKey: { value: 'none', source: STREAMS },
  messageId: { value: 'The eventID names the change, and is the same however often it is read.', source: `${API}/API_streams_Record.html` },
  fencedAcknowledgement: { value: false, source: `${API}/API_streams_GetRecords.html: two readers of a shard are not kept apart` },
  maxMessageBytes: { value: 409_600, source: `${GUIDE}/Constraints.html: an item; a record with the old and the new image has two` },
  maxBatch: { value: null, source: `${STREAMS}: nothing is published but by writing to the table` },
  maxInFlight: { value: null, source: `${API}/API_streams_GetRecords.html` },
  batchPublish: { value: 'none', source: STREAMS },
  batchSettlement: { value: 'first-failure', source: `${GUIDE}/Streams.KCLAdapter.html: a checkpoint stands for all before it` },
  acknowledgement: { value: 'There is none: the reader keeps its position itself.', source: `${API}/API_streams_GetRecords.html` },
  publishReply: { value: 'The write is committed in the table; its record follows in the stream.', source: STREAMS },
};
