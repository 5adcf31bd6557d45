import { MAX_JSON_DEPTH } from '../../core/canonical-json.ts';
import { SemelError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import { MAX_JSON_BYTES } from '../../core/read-json.ts';
import { Wire } from '../../core/wire.ts';
import type { FetchedRecord, KafkaTransactions } from '../../transports/kafka/kafka-client.ts';
import { partitionOf } from '../../transports/kafka/murmur2.ts';
import { wireRecordOf } from '../../transports/kafka/wire-record-of.ts';

/** A message's data under its key, or that there is none any more. */
export interface Remembered {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly data: unknown;
}

/** What of the transactions it reads with. */
export type TopicScan = Pick<KafkaTransactions, 'partitionsOf' | 'scan'>;

const LIMITS = { maxBytes: MAX_JSON_BYTES, maxDepth: MAX_JSON_DEPTH };

/** The last committed message of each key in some topics, of the partitions that a consumer holds: its state, in memory. */
export class LastMessages {
  readonly #topics: readonly string[];
  readonly #scan: TopicScan;
  readonly #wire = new Wire('kafka', 'ce_', {});
  readonly #partitions = new Map<string, number>();
  /** By topic and partition. */
  readonly #loaded = new Map<string, Map<string, unknown>>();

  constructor(topics: readonly string[], scan: TopicScan) {
    this.#topics = topics;
    this.#scan = scan;
  }

  /**
   * Learns how many partitions each topic has. A key has to be in the same partition of each, or its owner would not own its state.
   *
   * @throws SemelError `capability-missing`
   */
  async check(source: string): Promise<void> {
    if (this.#topics.length === 0) return;
    const needed = await this.#scan.partitionsOf(source);
    for (const topic of this.#topics) {
      const partitions = await this.#scan.partitionsOf(topic);
      this.#partitions.set(topic, partitions);
      if (partitions !== needed) throw unlike(topic, partitions, source, needed);
    }
  }

  /** Reads them anew. */
  async load(partition: number): Promise<void> {
    for (const topic of this.#topics) {
      const last = new Map<string, unknown>();
      for await (const records of this.#scan.scan(topic, partition)) for (const record of records) this.#take(topic, record, last);
      this.#loaded.set(nameOf(topic, partition), last);
    }
  }

  /** What a committed transaction has published. */
  apply(published: readonly Remembered[]): void {
    for (const { topic, partition, key, data } of published) this.#loaded.get(nameOf(topic, partition))?.set(key, data);
  }

  /** @throws SemelError `capability-missing` where the topic is not kept, or the key is in another's partition */
  get(topic: string, key: string): unknown {
    const partitions = this.#partitions.get(topic);
    if (partitions === undefined) throw new SemelError('capability-missing', `the last messages of topic ${topic} are not kept: name it in \`remembers\` of kafkaTransactions()`);
    const partition = partitionOf(key, partitions);
    const last = this.#loaded.get(nameOf(topic, partition));
    if (last === undefined) throw elsewhere(topic, partition);
    return last.get(key);
  }

  #take(topic: string, record: FetchedRecord, last: Map<string, unknown>): void {
    const wired = wireRecordOf(record);
    if (wired.key === undefined) return;
    if (record.value === null) last.delete(wired.key);
    else last.set(wired.key, this.#read(topic, wired).data);
  }

  #read(topic: string, record: Parameters<Wire['read']>[0]): Message {
    return this.#wire.read(record, topic, LIMITS);
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function unlike(topic: string, partitions: number, source: string, needed: number): SemelError {
  return new SemelError(
    'capability-missing',
    `topic ${topic} is to be remembered beside topic ${source}, so both need as many partitions; it has ${partitions}, the other ${needed}: make it anew with ${needed}`,
    { details: { topic, partitions, needed } },
  );
}

function elsewhere(topic: string, partition: number): SemelError {
  return new SemelError(
    'capability-missing',
    `partition ${partition} of topic ${topic}, where this key is, is not in the hand of this process: ask for the last message of the key by which the consumed message was partitioned`,
  );
}
