import { Bell } from '../../core/bell.ts';
import { LogFeed, type LogRecord, type LogSource } from '../../core/log-feed.ts';
import type { SubscribeOptions } from '../../core/transport.ts';
import type { Wire } from '../../core/wire.ts';
import { GroupOffsets } from './group-offsets.ts';
import type { Fetch, FetchedRecord, KafkaClient, KafkaMember, MemberListener, PartitionReader } from './kafka-client.ts';
import type { ReadingOptions } from './kafka-options.ts';
import { positionGone } from './position-gone.ts';
import { Troubles } from './troubles.ts';
import { wireRecordOf } from './wire-record-of.ts';

/** A partition that is assigned to this member. */
interface Partition {
  readonly number: number;
  /** Its name in the store: one that is made anew under the same topic has another. */
  readonly name: string;
  /** Where it begins for who has no position in it. */
  readonly start: bigint;
  /** Where the next fetch begins. */
  next: bigint;
  buffered: FetchedRecord[];
  bytes: number;
  /** To be read again later, from where the store says. */
  held: boolean;
  /** As the reader was told. */
  paused: boolean;
}

/** What a member of a group has fetched and nobody has taken yet, and where its partitions are read on. */
export class KafkaSource implements LogSource, MemberListener {
  readonly feed: LogFeed;
  readonly troubles: Troubles;
  readonly #topic: string;
  readonly #options: SubscribeOptions;
  readonly #reading: ReadingOptions;
  readonly #wire: Wire;
  readonly #bell = new Bell();
  readonly #offsets: GroupOffsets;
  readonly #partitions = new Map<number, Partition>();
  #bytes = 0;
  /** Whether the group has said what is this member's, be it nothing. */
  #assigned = false;
  #reader: PartitionReader | undefined;
  #member: KafkaMember | undefined;

  constructor(topic: string, options: SubscribeOptions, reading: ReadingOptions, wire: Wire) {
    this.#topic = topic;
    this.#options = options;
    this.#reading = reading;
    this.#wire = wire;
    this.#offsets = new GroupOffsets(options.runtime);
    this.troubles = new Troubles(options.runtime.clock);
    this.feed = new LogFeed(topic, options, this);
  }

  /** Joins the group; resolves once its first partitions are taken over. */
  async join(client: KafkaClient): Promise<void> {
    const { service, consumer, previousNames, from, runtime } = this.#options;
    const groupOf = (name: string) => `${service}/${name}`;
    const groups = { group: groupOf(consumer), previousGroups: previousNames.map(groupOf) };
    const member = await client.join({ ...this.#reading, ...groups, topic: this.#topic, marksStart: from === 'now', runtime }, this);
    this.#member = member;
    this.#offsets.through(member);
  }

  take(name: string, max: number): readonly LogRecord[] {
    const partition = this.#named(name);
    if (partition === undefined || partition.held) return [];
    const records = partition.buffered.splice(0, max);
    this.#account(partition, -records.reduce((sum, record) => sum + sizeOf(record), 0));
    for (const each of this.#partitions.values()) this.#steer(each);
    return records.map((record) => ({ content: this.#wire.content(wireRecordOf(record), this.#topic), next: String(record.offset + 1n) }));
  }

  has(name: string): boolean {
    return (this.#named(name)?.buffered.length ?? 0) > 0;
  }

  seek(name: string, position: string | undefined): void {
    const partition = this.#named(name);
    if (partition === undefined) return; // revoked meanwhile
    this.#empty(partition);
    partition.next = position === undefined ? partition.start : BigInt(position);
    this.#reader?.read(partition.number, partition.next);
    if (position !== undefined) this.passed(name, position); // an earlier owner may have died before it told the group
    this.#bell.ring();
  }

  pause(name: string, paused: boolean): void {
    const partition = this.#named(name);
    if (partition === undefined) return;
    partition.held = paused;
    if (paused) this.#empty(partition);
    this.#steer(partition);
  }

  async wait(signal: AbortSignal, untilMs: number): Promise<void> {
    if (!this.troubles.untold) await this.#bell.wait(this.#options.runtime, signal, untilMs);
    this.troubles.tell();
  }

  owns(name: string): boolean {
    return this.#named(name) !== undefined;
  }

  /** Not known in the middle of a rebalance, nor while the broker does not answer: then it is not nothing. */
  async pending(): Promise<number> {
    try {
      const unread = await this.#unread();
      if (unread > 0 || (this.#assigned && (await this.#member?.isStable()))) return unread;
    } catch {}
    return 1;
  }

  async #unread(): Promise<number> {
    const partitions = [...this.#partitions.values()];
    if (partitions.length === 0) return 0;
    const ends = await this.#reader?.offsets('end');
    return partitions.reduce((sum, { number, next, buffered, held }) => sum + (held ? 1 : buffered.length + Math.max(0, Number((ends?.get(number) ?? next) - next))), 0);
  }

  passed(name: string, position: string): void {
    const partition = this.#named(name);
    if (partition !== undefined) this.#offsets.passed(partition.number, BigInt(position));
  }

  async close(): Promise<void> {
    await this.#member?.close();
    this.#bell.ring();
  }

  async assigned(numbers: readonly number[], topicId: string, reader: PartitionReader): Promise<void> {
    this.#reader = reader;
    if (numbers.length > 0) await this.#takeOver(numbers, topicId, reader);
    this.#assigned = true;
  }

  async #takeOver(numbers: readonly number[], topicId: string, reader: PartitionReader): Promise<void> {
    const starts = await this.#starts(reader);
    for (const number of numbers) {
      const start = starts.get(number) ?? 0n;
      this.#partitions.set(number, { number, name: `${topicId}/${number}`, start, next: start, buffered: [], bytes: 0, held: false, paused: false });
    }
    await this.feed.assign(this.#namesOf(numbers));
  }

  async revoked(numbers: readonly number[]): Promise<void> {
    this.#assigned = false;
    await this.feed.revoke(this.#namesOf(numbers));
    await this.#offsets.flush();
    this.#remove(numbers);
  }

  async lost(numbers: readonly number[]): Promise<void> {
    this.#assigned = false;
    this.#offsets.forget(numbers);
    const names = this.#namesOf(numbers);
    this.#remove(numbers);
    await this.feed.lose(names);
  }

  fetched({ partition: number, records, next }: Fetch): void {
    const partition = this.#partitions.get(number);
    if (partition === undefined || partition.held) return;
    partition.next = next;
    for (const record of records) partition.buffered.push(record);
    this.#account(
      partition,
      records.reduce((sum, record) => sum + sizeOf(record), 0),
    );
    this.#steer(partition);
    if (records.length > 0) this.#bell.ring();
  }

  outOfRange(number: number, offset: bigint): void {
    void this.#cross(number, offset).catch((error: unknown) => this.trouble(error));
  }

  trouble(error: unknown): void {
    this.troubles.add(error);
    this.#bell.ring();
  }

  /** Not in silence, whatever the policy: what is missing is missing for good. */
  async #cross(number: number, offset: bigint): Promise<void> {
    const reader = this.#reader;
    const [beginnings, ends] = await Promise.all([reader?.offsets('beginning'), reader?.offsets('end')]);
    const partition = this.#partitions.get(number);
    const beginning = beginnings?.get(number) ?? 0n;
    if (partition === undefined || partition.next !== offset) return;
    this.trouble(positionGone({ topic: this.#topic, partition: number, offset, beginning, end: ends?.get(number) ?? beginning, goesOn: this.#reading.onGap === 'continue' }));
    if (this.#reading.onGap === 'stop') return;
    partition.next = beginning;
    reader?.read(number, beginning);
  }

  #starts(reader: PartitionReader): Promise<ReadonlyMap<number, bigint>> {
    const { from } = this.#options;
    return from === 'now' ? reader.marks() : reader.offsets(from);
  }

  #steer(partition: Partition): void {
    const { fetchBytes, bufferBytes } = this.#reading;
    const isFull = partition.bytes >= fetchBytes || (partition.bytes > 0 && this.#bytes >= bufferBytes);
    const paused = partition.held || isFull;
    if (paused === partition.paused) return;
    partition.paused = paused;
    this.#reader?.pause(partition.number, paused);
  }

  #empty(partition: Partition): void {
    partition.buffered = [];
    this.#account(partition, -partition.bytes);
  }

  #account(partition: Partition, bytes: number): void {
    partition.bytes += bytes;
    this.#bytes += bytes;
  }

  #remove(numbers: readonly number[]): void {
    for (const number of numbers) {
      const partition = this.#partitions.get(number);
      if (partition !== undefined) this.#empty(partition);
      this.#partitions.delete(number);
    }
  }

  #namesOf(numbers: readonly number[]): readonly string[] {
    return numbers.flatMap((number) => this.#partitions.get(number)?.name ?? []);
  }

  #named(name: string): Partition | undefined {
    const partition = this.#partitions.get(Number(name.slice(name.lastIndexOf('/') + 1)));
    return partition?.name === name ? partition : undefined;
  }
}

/** What a record takes while it waits, roughly. */
function sizeOf({ key, value, headers }: FetchedRecord): number {
  return 100 + (key?.length ?? 0) + (value?.length ?? 0) + Object.values(headers).reduce((sum, text) => sum + text.length, 0);
}
