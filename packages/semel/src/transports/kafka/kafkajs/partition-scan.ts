import { SemelError } from '../../../core/errors.ts';
import type { FetchedRecord } from '../kafka-client.ts';
import { committedRecords } from './committed-records.ts';
import type { Cluster, TransactionBroker } from './library.ts';

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const EARLIEST = -2;
const LATEST = -1;
const MAX_WAIT_MS = 250;
const MAX_BYTES = 10_485_760;
/** Fetches in a row that bring nothing, because a transaction is open. */
const PATIENCE = 8;

/**
 * Reads what is committed of a partition, from its beginning to where it ends now. The end is that of all records and not of the committed ones: an owner before may have
 * written into a transaction whose end is decided, but not marked here yet (KAFKA-10167).
 */
export async function* scanPartition(cluster: Cluster, topic: string, partition: number): AsyncGenerator<readonly FetchedRecord[]> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadataIfNecessary();
  const leader = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
  const broker = (await cluster.findBroker({ nodeId: leader })) as TransactionBroker;
  const [begin, end] = await Promise.all([offsetAt(broker, topic, partition, EARLIEST), offsetAt(broker, topic, partition, LATEST)]);
  let idle = 0;
  for (let next = begin; next < end; ) {
    const { records, next: after } = await fetchFrom(broker, topic, partition, next);
    idle = after === next ? idle + 1 : 0;
    if (idle === PATIENCE) throw stillOpen(topic, partition);
    next = after;
    yield records;
  }
}

async function offsetAt(broker: TransactionBroker, topic: string, partition: number, timestamp: number): Promise<bigint> {
  const { responses } = await broker.listOffsets({ isolationLevel: READ_UNCOMMITTED, topics: [{ topic, partitions: [{ partition, timestamp }] }] });
  return BigInt(responses[0]?.partitions[0]?.offset ?? 0);
}

async function fetchFrom(broker: TransactionBroker, topic: string, partition: number, offset: bigint): ReturnType<typeof committedRecordsOf> {
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes: MAX_BYTES }];
  return committedRecordsOf(broker.fetch({ isolationLevel: READ_COMMITTED, maxWaitTime: MAX_WAIT_MS, minBytes: 1, maxBytes: MAX_BYTES, topics: [{ topic, partitions }] }), offset);
}

async function committedRecordsOf(fetching: ReturnType<TransactionBroker['fetch']>, offset: bigint): Promise<ReturnType<typeof committedRecords>> {
  const brought = (await fetching).responses[0]?.partitions[0];
  return brought === undefined ? { partition: -1, records: [], next: offset } : committedRecords(brought, offset);
}

function stillOpen(topic: string, partition: number): SemelError {
  return new SemelError('store-unavailable', `kafka: a transaction is open in partition ${partition} of topic ${topic}; it is read once that has ended, or timed out`);
}
