import { SemelError } from '../../../core/errors.ts';
import { type Callback, called, type RdAdmin, type RdGroup, type RdPartition, type RdTopic } from './library.ts';

const TIMEOUT_MS = 10_000;
const READ_COMMITTED = 1;
const READ_UNCOMMITTED = 0;
/** librdkafka's number for a group that does not rebalance. */
const STABLE = 3;
/** What Kafka's protocol has for the two ends of a log. */
const LATEST = -1;
const EARLIEST = -2;

/** Asks for one topic's id, partitions and ends, and what groups have of it. */
export class TopicAdmin {
  readonly #admin: RdAdmin;
  readonly #topic: string;
  readonly #asking = new Set<Promise<unknown>>();
  #partitions = 0;
  #closed = false;

  constructor(admin: RdAdmin, topic: string) {
    this.#admin = admin;
    this.#topic = topic;
  }

  /** Its id as Kafka's tools write it. Rejects with `transport-unavailable` where there is no such topic. */
  async id(): Promise<string> {
    const [found] = await this.#ask<readonly RdTopic[]>((callback) => this.#admin.describeTopics([this.#topic], { timeout: TIMEOUT_MS }, callback));
    if (found === undefined || found.error)
      throw new SemelError('transport-unavailable', `kafka: topic ${this.#topic}: ${found?.error?.message ?? 'there is no such topic'}; create it, or check its name`);
    this.#partitions = found.partitions.length;
    return Buffer.from(found.topicId.base64, 'base64').toString('base64url');
  }

  /** `log-end`: with what is not committed yet. */
  async offsets(at: 'beginning' | 'end' | 'log-end' | { readonly sinceMs: number }): Promise<ReadonlyMap<number, bigint>> {
    const timestamp = typeof at === 'object' ? at.sinceMs : at === 'beginning' ? EARLIEST : LATEST;
    const asked = this.#numbers().map((partition) => ({ topic: this.#topic, partition, offset: { timestamp } }));
    const options = { isolationLevel: at === 'log-end' ? READ_UNCOMMITTED : READ_COMMITTED, timeout: TIMEOUT_MS };
    const found = await this.#ask<readonly (RdPartition & { readonly error?: Error })[]>((callback) => this.#admin.listOffsets(asked, options, callback));
    const failed = found.find(({ error }) => error);
    if (failed?.error) throw failed.error;
    const offsets = new Map(found.map(({ partition, offset = -1 }) => [partition, BigInt(offset)]));
    if (![...offsets.values()].some((offset) => offset < 0n)) return offsets;
    const ends = await this.offsets('end');
    return new Map([...offsets].map(([partition, offset]) => [partition, offset < 0n ? (ends.get(partition) ?? 0n) : offset]));
  }

  /** What a group has under this id of the topic. */
  async marksOf(group: string, topicId: string): Promise<ReadonlyMap<number, bigint>> {
    const asked = [{ groupId: group, partitions: this.#numbers().map((partition) => ({ topic: this.#topic, partition })) }];
    const [found] = await this.#ask<readonly { readonly partitions: readonly RdPartition[] }[]>((callback) =>
      this.#admin.listConsumerGroupOffsets(asked, { timeout: TIMEOUT_MS }, callback),
    );
    const own = (found?.partitions ?? []).filter(({ metadata, offset = -1 }) => metadata === topicId && offset >= 0);
    return new Map(own.map(({ partition, offset = 0 }) => [partition, BigInt(offset)]));
  }

  /** Whether the group is at rest, and has assigned just these partitions to one of its members. */
  async isHeld(group: string, partitions: ReadonlySet<number>): Promise<boolean> {
    const { groups } = await this.#ask<{ readonly groups: readonly RdGroup[] }>((callback) => this.#admin.describeGroups([group], { timeout: TIMEOUT_MS }, callback));
    const [found] = groups;
    const assigned = found?.members.map(({ assignment }) => new Set(assignment?.topicPartitions.map(({ partition }) => partition))) ?? [];
    return found?.state === STABLE && assigned.some((each) => each.size === partitions.size && [...each].every((partition) => partitions.has(partition)));
  }

  /** Nothing more is asked, and what was asked is answered. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#asking);
  }

  #ask<Result>(call: (callback: Callback<Result>) => unknown): Promise<Result> {
    if (this.#closed) return Promise.reject(new SemelError('transport-unavailable', `kafka: the member of ${this.#topic} is closed`));
    const asking = called(call);
    this.#asking.add(asking);
    return asking.finally(() => this.#asking.delete(asking));
  }

  #numbers(): readonly number[] {
    return Array.from({ length: this.#partitions }, (_, partition) => partition);
  }
}
