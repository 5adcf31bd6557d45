import type { Bell } from '../../core/bell.ts';
import type { Delivery } from '../../core/delivery.ts';
import { LogFeed, type LogRecord, type LogSource } from '../../core/log-feed.ts';
import type { SubscribeOptions } from '../../core/transport.ts';

/** A member of a consumer group of the log model: reads partitions that are kept in memory, whole. */
export class LogMember implements LogSource {
  readonly feed: LogFeed;
  readonly #records: readonly Delivery['content'][][];
  readonly #options: SubscribeOptions;
  readonly #bell: Bell;
  readonly #leave: (member: LogMember) => Promise<void>;
  /** Of what is read next, by partition. */
  readonly #offsets = new Map<string, number>();
  #expelled = false;
  #left = false;

  constructor(topic: string, records: readonly Delivery['content'][][], options: SubscribeOptions, bell: Bell, leave: (member: LogMember) => Promise<void>) {
    this.#records = records;
    this.#options = options;
    this.#bell = bell;
    this.#leave = leave;
    this.feed = new LogFeed(topic, options, this);
  }

  get partitions(): readonly number[] {
    return this.feed.partitions.map(Number);
  }

  take(partition: string, max: number): readonly LogRecord[] {
    const first = this.#offsets.get(partition) ?? 0;
    const contents = this.#partition(partition).slice(first, first + max);
    this.#offsets.set(partition, first + contents.length);
    return contents.map((content, index) => ({ content, next: String(first + index + 1) }));
  }

  has(partition: string): boolean {
    return (this.#offsets.get(partition) ?? 0) < this.#partition(partition).length;
  }

  seek(partition: string, position = '0'): void {
    this.#offsets.set(partition, Number(position));
    this.#bell.ring();
  }

  wait(signal: AbortSignal, untilMs: number): Promise<void> {
    return this.#bell.wait(this.#options.runtime, signal, untilMs);
  }

  owns(): boolean {
    return !this.#expelled;
  }

  async pending(): Promise<number> {
    return this.feed.partitions.reduce((sum, partition) => sum + this.#partition(partition).length - (this.#offsets.get(partition) ?? 0), 0);
  }

  async close(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#leave(this);
  }

  /** The group goes on without it, and does not tell. */
  expel(): void {
    this.#expelled = true;
  }

  /** Reads again from an earlier offset, whatever the store's position says. */
  rewind(partition: number, offset: number): void {
    if (offset < (this.#offsets.get(String(partition)) ?? 0)) this.feed.rewind(String(partition), String(offset));
  }

  #partition(partition: string): readonly Delivery['content'][] {
    return this.#records[Number(partition)] ?? [];
  }
}
