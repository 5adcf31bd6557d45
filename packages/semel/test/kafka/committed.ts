import type { Kafka } from 'kafkajs';
import type { FetchedRecord } from '../../src/transports/kafka/kafka-client.ts';
import { lentCluster } from '../../src/transports/kafka/kafkajs/lent-cluster.ts';
import { scanPartition } from '../../src/transports/kafka/kafkajs/partition-scan.ts';

/** A record that who reads committed records sees. */
export interface CommittedRecord extends FetchedRecord {
  readonly partition: number;
}

/** What is committed in a topic, partition after partition; waits for the end of what is open. */
export async function committed(kafka: Kafka, topic: string): Promise<readonly CommittedRecord[]> {
  const cluster = lentCluster(kafka, 'test');
  await cluster.connect();
  try {
    await cluster.addTargetTopic(topic);
    const found: CommittedRecord[] = [];
    for (const { partitionId: partition } of cluster.findTopicPartitionMetadata(topic)) {
      for await (const records of scanPartition(cluster, topic, partition)) found.push(...records.map((record) => ({ ...record, partition })));
    }
    return found;
  } finally {
    await cluster.disconnect();
  }
}

/** The data of the messages that are committed in a topic. */
export async function committedData<Data>(kafka: Kafka, topic: string): Promise<readonly Data[]> {
  return (await committed(kafka, topic)).map(({ value }) => (JSON.parse(Buffer.from(value ?? []).toString()) as { readonly data: Data }).data);
}
