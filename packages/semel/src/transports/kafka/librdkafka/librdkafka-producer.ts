import { SemelError } from '../../../core/errors.ts';
import type { PublishResult } from '../../../core/transport.ts';
import type { KafkaProducer, OutgoingRecord, PartitionBatch } from '../kafka-client.ts';
import { called, type LibrdkafkaApi, type LibrdkafkaConfig, type RdError, type RdProducer } from './library.ts';

const METADATA_MS = 5_000;
/** How long the partitions of a topic are taken to be as many as they were. */
const KNOWN_MS = 60_000;
/** What a broker takes is for the broker to say. */
const CLIENT_BYTES = 100_000_000;
/** Of a record that its broker never takes: too large, of an invalid time, or invalid. */
const REFUSALS: readonly number[] = [10, 18, 32, 87];

/** An idempotent producer of librdkafka. After a gap in its numbers it sends nothing more, so that nothing overtakes what failed. */
export class LibrdkafkaProducer implements KafkaProducer {
  readonly #producer: RdProducer;
  readonly #partitions = new Map<string, { readonly count: number; readonly untilMs: number }>();

  constructor({ HighLevelProducer }: LibrdkafkaApi, config: LibrdkafkaConfig) {
    this.#producer = new HighLevelProducer({
      'linger.ms': 0,
      'message.max.bytes': CLIENT_BYTES,
      'message.timeout.ms': 8_000,
      ...config,
      acks: 'all',
      'enable.idempotence': true,
      'enable.gapless.guarantee': true,
      'allow.auto.create.topics': false,
    });
    this.#producer.on('event.error', () => {}); // each record has its own answer
  }

  /** Rejects with `transport-unavailable`. */
  async connect(): Promise<void> {
    await called((callback) => this.#producer.connect({ timeout: METADATA_MS }, callback)).catch(async (cause: Error) => {
      await this.close();
      throw new SemelError('transport-unavailable', `kafka: no broker answers a producer: ${cause.message}`, { cause });
    });
  }

  async partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known !== undefined && known.untilMs > Date.now()) return known.count;
    const unavailable = (why: string, cause?: unknown) => new SemelError('transport-unavailable', `kafka: topic ${topic} cannot be published to: ${why}`, { cause });
    const metadata = await called<{ topics: readonly { name: string; partitions: readonly unknown[] }[] }>((callback) =>
      this.#producer.getMetadata({ topic, timeout: METADATA_MS }, callback),
    ).catch((cause: Error) => {
      throw unavailable(cause.message, cause);
    });
    const count = metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    if (count === 0) throw unavailable('there is no such topic; create it, or check its name');
    this.#partitions.set(topic, { count, untilMs: Date.now() + KNOWN_MS });
    return count;
  }

  send(topic: string, batches: readonly PartitionBatch[]): Promise<readonly PublishResult[]> {
    return Promise.all(
      batches.map(async ({ partition, records }) => {
        const failures = (await Promise.all(records.map((record) => this.#send(topic, partition, record)))).filter((error) => error !== undefined);
        return resultOf(failures);
      }),
    );
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#producer.disconnect(() => resolve());
    });
  }

  #send(topic: string, partition: number, { key, value, headers }: OutgoingRecord): Promise<RdError | undefined> {
    const list = Object.entries(headers).map(([name, text]) => ({ [name]: text }));
    return called((callback) => this.#producer.produce(topic, partition, Buffer.from(value), key, Date.now(), list, callback)).then(
      () => undefined,
      (error: RdError) => error,
    );
  }
}

/** librdkafka may send a batch in parts: where one of them failed all counts as such. */
function resultOf(failures: readonly RdError[]): PublishResult {
  const [cause] = failures;
  if (cause === undefined) return { kind: 'accepted' };
  const error = new SemelError('publish-failed', `kafka: ${cause.message}`, { cause });
  return failures.some(({ code }) => REFUSALS.includes(code)) ? { kind: 'failed', retryable: false, error } : { kind: 'unknown', error };
}
