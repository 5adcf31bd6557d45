import { randomBytes } from 'node:crypto';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { administered } from '../../../../scripts/services/kafka-admin.ts';
import { serviceUrl } from '../services/describe-with.ts';

/** The Kafka at hand; `undefined` where there is none. */
export const kafkaUrl: string | undefined = serviceUrl('kafka');

/** A kafkajs for tests: it says nothing, and gives up soon. Several brokers' addresses have commas between them. */
export function quietKafka(url: string | undefined = kafkaUrl, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ brokers: (url ?? '').split(','), logLevel: logLevel.NOTHING, ...config });
}

/** A name that no other test has. */
export function uniqueName(what: string): string {
  return `${what}-${randomBytes(6).toString('hex')}`;
}

/** Makes a topic of a name that no other test has. */
export async function aTopic(kafka: Kafka, numPartitions = 3, name: string = uniqueName('orders')): Promise<string> {
  await administered(kafka, (admin) => admin.createTopics({ topics: [{ topic: name, numPartitions }], waitForLeaders: true }));
  return name;
}
