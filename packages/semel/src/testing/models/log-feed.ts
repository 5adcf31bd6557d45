import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Feed, Settled, SubscribeOptions } from '../../core/transport.ts';
import type { Bell } from './bell.ts';
import { type LogReading, readOn } from './log-partition.ts';

/** A member of a consumer group: reads the partitions that are assigned to it, from the store's positions on. */
export class LogFeed implements Feed {
  readonly #topic: string;
  readonly #options: SubscribeOptions;
  readonly #bell: Bell;
  readonly #records: readonly Delivery['content'][][];
  readonly #leave: (feed: LogFeed) => Promise<void>;
  readonly #readings = new Map<number, LogReading>();
  readonly #closed = new AbortController();
  #expelled = false;

  constructor(topic: string, records: readonly Delivery['content'][][], options: SubscribeOptions, bell: Bell, leave: (feed: LogFeed) => Promise<void>) {
    this.#topic = topic;
    this.#records = records;
    this.#options = options;
    this.#bell = bell;
    this.#leave = leave;
  }

  get partitions(): readonly number[] {
    return [...this.#readings.keys()];
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const over = AbortSignal.any([signal, this.#closed.signal]);
    const { clock } = this.#options.runtime;
    while (!over.aborted) {
      await this.#seekStale();
      const deliveries: Delivery[] = [];
      for (const reading of this.#readings.values()) {
        if (!reading.stale && reading.resumeAtMs <= clock.now()) deliveries.push(...readOn(reading, this.#topic, max - deliveries.length));
      }
      if (deliveries.length > 0) return deliveries;
      const pauses = [...this.#readings.values()].map(({ resumeAtMs }) => resumeAtMs).filter((resumeAtMs) => resumeAtMs > clock.now());
      await this.#bell.wait(this.#options.runtime, over, Math.min(...pauses, Number.POSITIVE_INFINITY));
    }
    return [];
  }

  /** Done is done by the store's position; what is to come again is read again from there. */
  async settle(settled: readonly Settled[]): Promise<void> {
    for (const { delivery, outcome } of settled) {
      const reading = this.#current(delivery);
      if (reading !== undefined && comesAgain(outcome)) this.#seekBack(reading, delivery, outcome);
    }
    this.#bell.ring();
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return deliveries.filter((delivery) => this.#current(delivery) === undefined);
  }

  async pending(): Promise<number> {
    let pending = 0;
    for (const { records, offset } of this.#readings.values()) pending += records.length - offset;
    return pending;
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    await this.#leave(this);
  }

  /** Takes partitions over: reads on where the store says. */
  async assign(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    for (const { partition, position, epoch } of await this.#options.assigned(partitions.map(String))) {
      const number = Number(partition);
      this.#readings.set(number, {
        partition: number,
        records: this.#records[number] ?? [],
        offset: Number(position ?? 0),
        epoch,
        resumeAtMs: Number.NEGATIVE_INFINITY,
        stale: false,
      });
    }
    this.#bell.ring();
  }

  /** Gives partitions up: nothing more is read, and what is in hand is finished or released first. */
  async revoke(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    for (const partition of partitions) this.#readings.delete(partition);
    await this.#options.revoked(partitions.map(String));
  }

  /** The group goes on without it, and does not tell. */
  expel(): void {
    this.#expelled = true;
  }

  /** Reads again from an earlier offset, whatever the store's position says. */
  rewind(partition: number, offset: number): void {
    const reading = this.#readings.get(partition);
    if (reading !== undefined) reading.offset = Math.min(reading.offset, offset);
    this.#bell.ring();
  }

  /** The reading that a delivery came out of, unless the partition has a new owner or epoch since. */
  #current({ receipt }: Delivery): LogReading | undefined {
    if (receipt.kind !== 'position') return undefined;
    const reading = this.#readings.get(Number(receipt.partition));
    return reading?.epoch === receipt.epoch ? reading : undefined;
  }

  #seekBack(reading: LogReading, { receipt }: Delivery, outcome: Outcome): void {
    if (this.#expelled) return void this.#readings.delete(reading.partition);
    if (receipt.kind === 'position') reading.offset = Math.min(reading.offset, Number(receipt.from));
    reading.stale = true;
    if (outcome.kind === 'retry') reading.resumeAtMs = Math.max(reading.resumeAtMs, this.#options.runtime.clock.now() + outcome.afterMs);
  }

  async #seekStale(): Promise<void> {
    const nowMs = this.#options.runtime.clock.now();
    const stale = [...this.#readings.values()].filter((reading) => reading.stale && reading.resumeAtMs <= nowMs);
    await this.assign(stale.map(({ partition }) => partition));
  }
}

function comesAgain({ kind }: Outcome): boolean {
  return kind === 'retry' || kind === 'held' || kind === 'released' || kind === 'lost' || kind === 'unknown';
}
