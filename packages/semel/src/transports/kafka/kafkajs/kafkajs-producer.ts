import { SemelError } from '../../../core/errors.ts';
import { reasonOf } from '../../../core/reason-of.ts';
import type { PublishResult } from '../../../core/transport.ts';
import type { KafkaProducer, PartitionBatch } from '../kafka-client.ts';
import { isRefusal, unavailable } from './kafkajs-error.ts';
import { lentCluster } from './lent-cluster.ts';
import type { Cluster, Kafkajs, KafkajsAnswer, KafkajsProducerApi } from './library.ts';

const ALL_IN_SYNC = -1;
const MAX_RETRY_MS = 1_000;

/** An idempotent producer of kafkajs. */
export class KafkajsProducer implements KafkaProducer {
  readonly #cluster: Cluster;
  readonly #producer: KafkajsProducerApi;

  constructor(kafka: Kafkajs) {
    this.#cluster = lentCluster(kafka, 'semel');
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { maxRetryTime: MAX_RETRY_MS },
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition as number,
    });
  }

  /** Rejects with `transport-unavailable`; then nothing is left open. */
  async connect(): Promise<void> {
    try {
      await Promise.all([this.#producer.connect(), this.#cluster.connect()]);
    } catch (error) {
      await this.close();
      throw unavailable('no broker answers a producer', error);
    }
  }

  partitionsOf(topic: string): Promise<number> {
    return partitionsOf(this.#cluster, topic);
  }

  async send(topic: string, batches: readonly PartitionBatch[]): Promise<readonly PublishResult[]> {
    const messages = batches.flatMap(({ partition, records }) => records.map((record) => ({ ...record, headers: { ...record.headers }, partition })));
    try {
      const answers = await this.#producer.sendBatch({ acks: ALL_IN_SYNC, topicMessages: [{ topic, messages }] });
      return batches.map(({ partition }) => resultOf(answers.find((answer) => answer.partition === partition)));
    } catch (error) {
      const failure = new SemelError('publish-failed', `kafka: ${reasonOf(error)}`, { cause: error });
      return batches.map(() => (isRefusal(error) ? { kind: 'failed', retryable: false, error: failure } : { kind: 'unknown', error: failure }));
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#producer.disconnect(), this.#cluster.disconnect()]);
  }
}

/** How many partitions a topic has. Rejects with `code` where it is not there. */
export async function partitionsOf(cluster: Cluster, topic: string, code?: 'transport-unavailable' | 'store-unavailable'): Promise<number> {
  const what = `topic ${topic} cannot be published to`;
  try {
    await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();
  } catch (error) {
    throw unavailable(what, error, code);
  }
  const { length } = cluster.findTopicPartitionMetadata(topic);
  if (length === 0) throw unavailable(what, new Error('there is no such topic'), code);
  return length;
}

/** Where a partition's leader changed between two tries, kafkajs may leave it out and report success. */
function resultOf(answer: KafkajsAnswer | undefined): PublishResult {
  if (answer?.errorCode === 0) return { kind: 'accepted' };
  return { kind: 'unknown', error: new SemelError('publish-failed', 'kafka: there was no answer for the partition of this message') };
}
