import { Bell } from '../../../core/bell.ts';
import { LogFeed, type LogRecord, type LogSource } from '../../../core/log-feed.ts';
import type { SubscribeOptions } from '../../../core/transport.ts';
import type { Wire } from '../../../core/wire.ts';
import { channelOf, type Line, type Link, unavailable, withinTime } from '../rabbitmq-client.ts';
import { recordOf } from '../rabbitmq-record.ts';
import { offsetAtEnd } from './stream-end.ts';
import { type Gap, positionGone, positionOf, type StreamPosition, textOf } from './stream-position.ts';
import { type ReaderListener, StreamReader, type StreamRecord, type StreamStart } from './stream-reader.ts';
import type { StreamTopology } from './stream-topology.ts';
import { takeTurn } from './stream-turn.ts';

/** How a stream is read. */
export interface StreamReading {
  readonly prefetch: number;
  readonly onGap: 'stop' | 'continue';
  /** The queue that says whose turn it is. */
  turn(service: string, consumer: string): string;
}

/** How often who waits for a turn asks for it: the broker writes a line of its log at each refusal. */
const TURN_MS = 2_000;

/** A consumer's one reader of a stream at a time: the stream is its only partition. Its turn lasts as long as its connection. */
export class StreamSource implements LogSource, ReaderListener {
  readonly feed: LogFeed;
  readonly #topic: string;
  readonly #stream: string;
  readonly #turn: string;
  readonly #options: SubscribeOptions;
  readonly #reading: StreamReading;
  readonly #topology: StreamTopology;
  readonly #wire: Wire;
  readonly #link: Link;
  readonly #bell = new Bell();
  /** Of the turn, and of everything that is read. */
  #line: Line | undefined;
  #owns = false;
  /** Another reader has the turn, as was last heard. */
  #waits = false;
  #askAgainMs = 0;
  #start: StreamStart | undefined;
  /** Where the next reader begins; another object after each seek. */
  #begin: { readonly position: StreamPosition | undefined } = { position: undefined };
  #reader: StreamReader | undefined;
  /** Nothing is to be read, until it is told where. */
  #held = false;
  #advancing: Promise<void> | undefined;
  #losing: Promise<void> = Promise.resolve();
  #trouble: unknown;
  #closed = false;

  constructor(topic: string, options: SubscribeOptions, reading: StreamReading, topology: StreamTopology, wire: Wire, link: Link) {
    this.#topic = topic;
    this.#stream = topology.streamOf(topic);
    this.#turn = reading.turn(options.service, options.consumer);
    this.#options = options;
    this.#reading = reading;
    this.#topology = topology;
    this.#wire = wire;
    this.#link = link;
    this.feed = new LogFeed(topic, options, this);
  }

  /** Takes the turn if it is free, then reads; rejects where the broker does not let it. */
  async advance(): Promise<void> {
    await this.#losing;
    const line = await this.#link.get();
    this.#watch(line);
    this.#waits = !(await takeTurn(line, this.#turn));
    if (this.#waits) return this.#waitForTurn();
    if (this.#closed || this.#line !== line) return;
    if (!this.#owns) await this.feed.assign([this.#stream]);
    this.#owns = this.#line === line;
    if (this.#owns) await this.#read(line);
    else await this.feed.revoke([this.#stream]); // the connection has ended meanwhile
  }

  take(_: string, max: number): readonly LogRecord[] {
    return (this.#reader?.take(max) ?? []).map((record) => this.#logRecordOf(record));
  }

  has(): boolean {
    return (this.#reader?.size ?? 0) > 0;
  }

  seek(_: string, position: string | undefined): void {
    this.#drop();
    this.#begin = { position: position === undefined ? undefined : positionOf(position) };
    this.#held = false;
    this.#bell.ring();
  }

  /** It is told where to read on before it is to read on. */
  pause(_: string, paused: boolean): void {
    if (!paused) return;
    this.#held = true;
    this.#drop();
  }

  async wait(signal: AbortSignal, untilMs: number): Promise<void> {
    if (this.#trouble === undefined) {
      if (this.#needsAdvance()) this.#advancing = this.#goOn();
      await this.#bell.wait(this.#options.runtime, signal, this.#waits ? Math.min(untilMs, this.#askAgainMs) : untilMs);
    }
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble !== undefined) throw trouble;
  }

  owns(): boolean {
    return this.#owns;
  }

  /** Whoever has the turn knows; without an answer it is not nothing. */
  async pending(): Promise<number> {
    if (!this.#owns || this.#line === undefined) return this.#waits ? 0 : 1;
    const end = this.#held ? undefined : await offsetAtEnd(this.#line, this.#stream, this.#options.runtime).catch(() => undefined);
    if (end === undefined) return 1;
    const next = (this.#reader?.end ?? this.#begin.position)?.offset ?? (typeof this.#start === 'number' ? this.#start : 0);
    return (this.#reader?.size ?? 0) + Math.max(0, end - next);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await withinTime(this.#advancing ?? Promise.resolve());
    await this.feed.revoke([this.#stream]);
    this.#owns = false;
    this.#drop();
    await withinTime(this.#link.close());
    this.#bell.ring();
  }

  arrived(): void {
    this.#bell.ring();
  }

  /** Never in silence, whatever the policy: what is missing is missing for good. */
  gap(gap: Gap): boolean {
    const goesOn = this.#reading.onGap === 'continue';
    this.#trouble = positionGone(this.#stream, gap, goesOn); // whatever else there is to tell
    this.#bell.ring();
    if (gap.kind === 'hole') {
      this.#held = !goesOn;
      return goesOn;
    }
    if (goesOn) this.#beginAnew();
    else this.#held = gap.kind === 'other';
    return false;
  }

  ended(cause: unknown): void {
    this.#tell(unavailable(`ended the channel of a reader of stream ${this.#stream}`, cause));
  }

  async #goOn(): Promise<void> {
    await this.advance().catch((error: unknown) => this.#tell(error));
    this.#advancing = undefined;
    this.#bell.ring();
  }

  #needsAdvance(): boolean {
    if (this.#advancing !== undefined || this.#closed) return false;
    if (!this.#owns) return !this.#waits || this.#options.runtime.clock.now() >= this.#askAgainMs;
    return !this.#held && (this.#reader?.isThrough ?? true);
  }

  /** The turn goes with the connection. */
  #watch(line: Line): void {
    if (this.#line === line) return;
    this.#line = line;
    line.connection.on('close', () => {
      if (this.#line !== line) return;
      this.#line = undefined;
      this.#waits = false;
      this.#lose();
    });
  }

  async #waitForTurn(): Promise<void> {
    this.#askAgainMs = this.#options.runtime.clock.now() + TURN_MS;
    if (this.#owns) this.#lose();
    await this.#losing;
  }

  /** What is in hand is interrupted. Nothing died of it: where another has the stream by now, that is left alone. */
  #lose(): void {
    this.#owns = false;
    this.#drop();
    this.#losing = this.feed.revoke([this.#stream]).catch((error: unknown) => this.#tell(error));
    this.#bell.ring();
  }

  async #read(line: Line): Promise<void> {
    const begin = this.#begin;
    const position = this.#reader?.end ?? begin.position;
    const channel = await channelOf(line);
    await this.#topology.ensureExchange(channel, this.#topic);
    this.#start ??= await this.#startOn(line);
    const reader = new StreamReader(channel, this.#options.runtime, this);
    if (this.#begin !== begin || this.#held || !this.#owns) return reader.close(); // told otherwise meanwhile
    this.#reader = reader;
    await reader.begin(this.#stream, this.#reading.prefetch, position, this.#start).catch((cause) => {
      throw unavailable(`does not let stream ${this.#stream} be read`, cause);
    });
  }

  async #startOn(line: Line): Promise<StreamStart> {
    const { from, runtime } = this.#options;
    if (from === 'beginning') return 'first';
    return from === 'now' ? await offsetAtEnd(line, this.#stream, runtime) : { '!': 'timestamp', value: Math.floor(from.sinceMs / 1_000) };
  }

  #beginAnew(): void {
    this.#drop();
    this.#start = 'first';
    this.#begin = { position: undefined };
    this.#bell.ring();
  }

  #drop(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #tell(trouble: unknown): void {
    this.#trouble ??= trouble;
    this.#bell.ring();
  }

  #logRecordOf({ message, end }: StreamRecord): LogRecord {
    return { content: this.#wire.content(recordOf(message), this.#topic), next: textOf(end) };
  }
}
