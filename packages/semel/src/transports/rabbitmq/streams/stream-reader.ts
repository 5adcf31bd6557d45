import type { Runtime } from '../../../core/runtime.ts';
import { type RabbitmqChannel, type RabbitmqMessage, withinTime } from '../rabbitmq-client.ts';
import { endOf, type Gap, type StreamPosition } from './stream-position.ts';

/** Where a reader begins that has no position. */
export type StreamStart = 'first' | number | { readonly '!': 'timestamp'; readonly value: number };

/** What a reader tells. */
export interface ReaderListener {
  /** There is more to take. */
  arrived(): void;
  /** Something is missing. Answers whether the reader passes over it; otherwise it ends. */
  gap(gap: Gap): boolean;
  /** No more will come, and nobody asked for that. */
  ended(cause: unknown): void;
}

/** A record with its end. */
export interface StreamRecord {
  readonly message: RabbitmqMessage;
  readonly end: StreamPosition;
}

/** At the start of a segment the broker may keep a record of its own, which has an offset and never comes. */
const OWN_RECORDS = 1;
/** So long a stream may take to bring what it has. */
const SILENCE_MS = 5_000;

/**
 * What comes of a stream on one channel. An acknowledgement is no more than room for another record, so it is given when one is taken. Where an offset is
 * gone the broker begins with the next one there is, and says nothing: so it is asked for the record before, and each offset is looked at.
 */
export class StreamReader {
  readonly #channel: RabbitmqChannel;
  readonly #listener: ReaderListener;
  readonly #runtime: Runtime;
  #arrived: StreamRecord[] = [];
  /** Of what has come, or of what an earlier reader read. */
  #end: StreamPosition | undefined;
  /** The record before the position has not come yet. */
  #proving = false;
  #over = false;
  #heard: () => void = () => {};

  constructor(channel: RabbitmqChannel, runtime: Runtime, listener: ReaderListener) {
    this.#channel = channel;
    this.#runtime = runtime;
    this.#listener = listener;
    channel.on('error', (cause) => this.#ended(cause));
    channel.on('close', () => this.#ended(new Error('the channel was closed')));
  }

  get size(): number {
    return this.#arrived.length;
  }

  get end(): StreamPosition | undefined {
    return this.#end;
  }

  /** Whether it has nothing left, and nothing will come. */
  get isThrough(): boolean {
    return this.#over && this.#arrived.length === 0;
  }

  /** Begins after a position; where there is none yet, at `start`. */
  async begin(stream: string, prefetch: number, position: StreamPosition | undefined, start: StreamStart): Promise<void> {
    this.#end = position;
    this.#proving = position !== undefined;
    await this.#channel.prefetch(prefetch);
    const received = (message: RabbitmqMessage | null) => (message === null ? this.#ended(new Error(`stream ${stream} was deleted`)) : this.#received(message));
    await this.#channel.consume(stream, received, { arguments: { 'x-stream-offset': position === undefined ? start : position.offset - 1 } });
    if (position === undefined || !this.#proving || this.#over) return;
    this.#heard = this.#runtime.scheduler.after(SILENCE_MS, () => this.#listener.gap({ kind: 'shorter', offset: position.offset }));
  }

  take(max: number): readonly StreamRecord[] {
    const records = this.#arrived.splice(0, max);
    const last = records.at(-1);
    if (last !== undefined) this.#makeRoom(last.message);
    return records;
  }

  #received(message: RabbitmqMessage): void {
    if (this.#over) return;
    this.#heard();
    const end = endOf(message);
    if (end === undefined) return this.#ended(new Error('what comes has no offset: it is a queue, and no stream'));
    const before = this.#end;
    const proves = this.#proving && end.offset === before?.offset;
    this.#proving = false;
    if (before !== undefined && this.#misses(before, end, proves)) return this.close();
    if (proves) return this.#makeRoom(message);
    this.#end = end;
    this.#arrived.push({ message, end });
    this.#listener.arrived();
  }

  #misses(before: StreamPosition, end: StreamPosition, proves: boolean): boolean {
    const { offset } = before;
    if (proves) return end.checksum !== before.checksum && !this.#listener.gap({ kind: 'other', offset });
    return end.offset > offset + 1 + OWN_RECORDS && !this.#listener.gap({ kind: 'hole', offset, next: end.offset - 1 });
  }

  #makeRoom(message: RabbitmqMessage): void {
    try {
      if (!this.#over) this.#channel.ack(message, true);
    } catch {
      // The channel has just ended.
    }
  }

  #ended(cause: unknown): void {
    if (this.#over) return;
    this.close();
    this.#listener.ended(cause);
  }

  /** What has come can still be taken. Idempotent. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#heard();
    void withinTime(this.#channel.close());
  }
}
