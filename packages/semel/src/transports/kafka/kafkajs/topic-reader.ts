import type { MarkedTopic } from '../group-marks.ts';
import type { GroupRecord, PartitionReader } from '../kafka-client.ts';
import { isEviction } from './kafkajs-error.ts';
import type { Broker, Cluster } from './library.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';

const TRIES = 5;
const RETRY_MS = 50;

/** What a reader reads through. */
export interface TopicReaderParts {
  readonly cluster: Cluster;
  readonly coordinator: Broker;
  readonly fetcher: PartitionFetcher;
  readonly topic: string;
  readonly topicId: string;
  readonly group: string;
  /** Of a member; there is none before it has joined. */
  readonly record?: GroupRecord;
}

/** Reads a topic, and knows where its partitions begin and end. */
export class TopicReader implements PartitionReader, MarkedTopic {
  readonly record?: GroupRecord;
  readonly #parts: TopicReaderParts;

  constructor(parts: TopicReaderParts) {
    this.#parts = parts;
    if (parts.record !== undefined) this.record = parts.record;
  }

  read(partition: number, offset: bigint): void {
    this.#parts.fetcher.read(partition, offset);
  }

  pause(partition: number, paused: boolean): void {
    this.#parts.fetcher.pause(partition, paused);
  }

  async offsets(at: 'beginning' | 'end' | { readonly sinceMs: number }): Promise<ReadonlyMap<number, bigint>> {
    const wanted = typeof at === 'object' ? { fromTimestamp: at.sinceMs } : { fromBeginning: at === 'beginning' };
    const found = await this.#askLeaders(wanted);
    if (![...found.values()].some((offset) => offset < 0n)) return found;
    const ends = await this.offsets('end');
    return new Map([...found].map(([partition, offset]) => [partition, offset < 0n ? (ends.get(partition) ?? 0n) : offset]));
  }

  ends(): Promise<ReadonlyMap<number, bigint>> {
    return this.offsets('end');
  }

  /** Where it began before, and a partition that came later at its beginning: what is in it came later too. */
  async marks(): Promise<ReadonlyMap<number, bigint>> {
    return new Map([...(await this.offsets('beginning')), ...(await this.marksOf(this.#parts.group))]);
  }

  async marksOf(group: string): Promise<ReadonlyMap<number, bigint>> {
    const { cluster, topic, topicId } = this.#parts;
    const coordinator = group === this.#parts.group ? this.#parts.coordinator : await cluster.findGroupCoordinator({ groupId: group });
    const { responses } = await coordinator.offsetFetch({ groupId: group, topics: [{ topic, partitions: this.#partitions() }] });
    const own = responses.flatMap(({ partitions }) => partitions).filter(({ metadata, offset }) => metadata?.startsWith(topicId) && BigInt(offset) >= 0n);
    return new Map(own.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async mark(marks: ReadonlyMap<number, bigint>): Promise<void> {
    const { coordinator, topic, topicId, group: groupId } = this.#parts;
    const partitions = [...marks].map(([partition, offset]) => ({ partition, offset: String(offset), metadata: topicId }));
    await coordinator.offsetCommit({ groupId, memberId: '', groupGenerationId: -1, topics: [{ topic, partitions }] }).catch((error: unknown) => {
      if (!isEviction(error)) throw error;
    });
  }

  /** Patient while leaders change, or a new topic has none yet. */
  async #askLeaders(wanted: { readonly fromTimestamp: number } | { readonly fromBeginning: boolean }): Promise<ReadonlyMap<number, bigint>> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#ask(wanted);
      } catch (error) {
        if (tries === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, tries * RETRY_MS));
        await this.#parts.cluster.refreshMetadata();
      }
    }
  }

  async #ask(wanted: { readonly fromTimestamp: number } | { readonly fromBeginning: boolean }): Promise<ReadonlyMap<number, bigint>> {
    const { cluster, topic } = this.#parts;
    const answers = await cluster.fetchTopicsOffset([{ topic, partitions: this.#partitions(), ...wanted }]);
    return new Map(answers.flatMap(({ partitions }) => partitions).map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  #partitions(): readonly { readonly partition: number }[] {
    return this.#parts.cluster.findTopicPartitionMetadata(this.#parts.topic).map(({ partitionId }) => ({ partition: partitionId }));
  }
}
