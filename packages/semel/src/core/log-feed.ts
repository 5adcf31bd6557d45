import { anySignal } from './any-signal.ts';
import type { Delivery, Outcome } from './delivery.ts';
import { Mutex } from './mutex.ts';
import type { Feed, Settled, SubscribeOptions } from './transport.ts';

/** What a log's own adapter does for a {@link LogFeed}: it fetches, and knows which partitions are this member's. */
export interface LogSource {
  /** Records at hand, in their order, at most `max`: what is answered is taken out. Waits for nothing. */
  take(partition: string, max: number): readonly LogRecord[];
  /** Whether `take` would answer anything now. */
  has(partition: string): boolean;
  /** From now on `take` answers what follows this position, as a record's `next` once said; where it is undefined, what the subscription starts with. */
  seek(partition: string, position: string | undefined): void;
  /** Nothing of the partition is taken for a while: it need not be fetched either. */
  pause?(partition: string, paused: boolean): void;
  /** Resolves when there may be more to take, when `signal` aborts, or at `untilMs`. */
  wait(signal: AbortSignal, untilMs: number): Promise<void>;
  /** Whether the group still counts on this member. A zombie that knows asks for no position again. */
  owns(partition: string): boolean;
  /** How many records would still come, where it can tell. */
  pending?(): Promise<number>;
  /** Told how far each partition is through by the store's record: for tools that watch the group's own offsets. */
  passed?(partition: string, position: string): void;
  /** Leaves the group; revokes first. */
  close(): Promise<void>;
}

/** One record of a partition. */
export interface LogRecord {
  readonly content: Delivery['content'];
  /** Where to read on after it: names its end, not its start, for a log may have holes. */
  readonly next: string;
}

/** A partition as this member reads it. */
interface Reading {
  readonly partition: string;
  epoch: number;
  /** The end of what was handed out. */
  position: string | undefined;
  /** Nothing is read before this time: a delayed retry. */
  resumeAtMs: number;
  /** The store's position is asked for again before the next read. */
  stale: boolean;
  /** How many more come one at a time, because an owner may have died of one of them. */
  alone: number;
  /** Of the record that comes next. */
  attempt: number;
  /** Whether this owner's death counts against the record that comes next: of the partitions with suspects it does in one at a time, for only one record runs. */
  armed: boolean;
  /** What was handed out of it and is not settled. */
  readonly inHand: Set<Delivery>;
}

/** After an owner's death as many records run alone. Where it had more in hand, and the culprit is beyond, the next death begins with those. */
const SUSPECTS = 100;
/** How long a partition that another owner took is left alone, before it is asked whether that was a zombie. */
const LOST_MS = 1_000;

/** Reads the partitions that are assigned to a member of a group, from the store's positions on. Order, fences and retries are the same for every log. */
export class LogFeed implements Feed {
  readonly #topic: string;
  readonly #options: SubscribeOptions;
  readonly #source: LogSource;
  readonly #readings = new Map<string, Reading>();
  readonly #closed = new AbortController();
  /** Of whoever takes partitions over or gives them up: what is given up while the store is asked about it would be this member's for ever. */
  readonly #turn = new Mutex();
  /** Aborts, and is another, once a partition has nothing in hand any more. */
  #freed = new AbortController();
  #arming: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** So far. For what one brought while a suspect was looked for, nobody rings again. */
  #assignments = 0;

  constructor(topic: string, options: SubscribeOptions, source: LogSource) {
    this.#topic = topic;
    this.#options = options;
    this.#source = source;
  }

  /** What it reads. */
  get partitions(): readonly string[] {
    return [...this.#readings.keys()];
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const isOver = () => signal.aborted || this.#closed.signal.aborted;
    while (!isOver()) {
      const assignments = this.#assignments;
      if (this.#stale.length > 0) await this.#turn.run(() => this.#readStaleAgain());
      if (this.#suspicious.length > 0) await this.#armed();
      const deliveries = this.#take(max);
      if (deliveries.length > 0) return deliveries;
      if (assignments === this.#assignments) await this.#waitForMore(signal);
    }
    return [];
  }

  async #waitForMore(signal: AbortSignal): Promise<void> {
    const woken = anySignal(signal, this.#closed.signal, this.#freed.signal);
    await this.#source.wait(woken.signal, this.#nextResumeMs()).finally(woken.release);
  }

  /** Done is done by the store's position; what is to come again is read again from there. */
  async settle(settled: readonly Settled[]): Promise<void> {
    for (const { delivery, outcome } of settled) {
      const reading = this.#current(delivery);
      if (reading === undefined || delivery.receipt.kind !== 'position') continue;
      this.#putDown(reading, delivery);
      if (comesAgain(outcome)) this.#readAgain(reading, outcome);
      else if (!reading.stale) this.#source.passed?.(reading.partition, delivery.receipt.to);
    }
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return deliveries.filter((delivery) => this.#current(delivery) === undefined);
  }

  async pending(): Promise<number> {
    return (await this.#source.pending?.()) ?? 0;
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#closing ??= this.#source.close();
    return this.#closing;
  }

  /** Takes partitions over, and reads on where the store says. To be awaited before anything of them is fetched. */
  async assign(partitions: readonly string[]): Promise<void> {
    if (partitions.length > 0) await this.#turn.run(() => this.#assign(partitions));
  }

  /** Gives partitions up: nothing more is read, and what is in hand is finished or released first. */
  revoke(partitions: readonly string[]): Promise<void> {
    return this.#turn.run(async () => {
      const given = await this.#giveUp(partitions);
      if (given.length > 0) await this.#options.released(given);
    });
  }

  /** They are another's already: what is in hand is interrupted, and comes to nothing. */
  async lose(partitions: readonly string[]): Promise<void> {
    await this.#turn.run(() => this.#giveUp(partitions));
  }

  /** Reads again from there, whatever the store's position says. */
  rewind(partition: string, position: string): void {
    const reading = this.#readings.get(partition);
    if (reading === undefined) return;
    reading.position = position;
    this.#source.seek(partition, position);
  }

  async #assign(partitions: readonly string[]): Promise<void> {
    const acquired = await this.#options.assigned(partitions);
    const suspicious = acquired.filter(({ crashes }) => crashes > 0);
    if (suspicious.length > 0) await this.#options.released(suspicious); // nothing of theirs is in hand yet
    this.#assignments += 1;
    for (const { partition, position, epoch, crashes, failures = 0 } of acquired) {
      const reading = { partition, epoch, position, resumeAtMs: Number.NEGATIVE_INFINITY, stale: false, attempt: Math.max(1, crashes) + failures, inHand: new Set<Delivery>() }; // the first death was a group's, mostly, and blames nobody
      this.#readings.set(partition, { ...reading, alone: crashes > 0 ? SUSPECTS : 0, armed: crashes === 0 });
      this.#source.seek(partition, position);
      this.#source.pause?.(partition, false);
    }
  }

  /** Reads nothing more of them, and resolves with those that were read once nothing of them is in hand. */
  async #giveUp(partitions: readonly string[]): Promise<readonly Reading[]> {
    const given = partitions.flatMap((partition) => this.#readings.get(partition) ?? []);
    for (const { partition } of given) this.#readings.delete(partition);
    if (given.length > 0) await this.#options.revoked(given.map(({ partition }) => partition));
    return given;
  }

  /** Others may wait for what follows. */
  #putDown({ inHand }: Reading, delivery: Delivery): void {
    if (!inHand.delete(delivery) || inHand.size > 0) return;
    this.#freed.abort();
    this.#freed = new AbortController();
  }

  /** What follows a record in hand waits for it: its position does not follow before, and two hands would take the partition over from one another. */
  #take(max: number): readonly Delivery[] {
    const nowMs = this.#options.runtime.clock.now();
    const deliveries: Delivery[] = [];
    for (const reading of [...this.#readings.values()]) {
      if (deliveries.length >= max) break;
      if (reading.stale || reading.inHand.size > 0 || reading.resumeAtMs > nowMs || (reading.alone > 0 && (deliveries.length > 0 || !reading.armed))) continue;
      const records = this.#source.take(reading.partition, reading.alone > 0 ? 1 : max - deliveries.length);
      if (records.length === 0) continue;
      this.#lastInTurn(reading);
      const suspect = reading.alone > 0;
      deliveries.push(...records.map((record) => this.#deliver(reading, record)));
      if (suspect) break;
    }
    return deliveries;
  }

  /** The others come first next time: a busy partition must not starve them. */
  #lastInTurn(reading: Reading): void {
    this.#readings.delete(reading.partition);
    this.#readings.set(reading.partition, reading);
  }

  #deliver(reading: Reading, { content, next }: LogRecord): Delivery {
    const { partition, epoch, attempt, alone } = reading;
    const receipt = { kind: 'position', partition, from: reading.position ?? '', to: next, epoch } as const;
    reading.position = next;
    reading.attempt = 1;
    reading.alone = Math.max(0, alone - 1);
    const delivery: Delivery = { topic: this.#topic, content, receipt, attempt, ...(alone > 0 ? { suspect: true } : {}) };
    reading.inHand.add(delivery);
    return delivery;
  }

  /** The reading that a delivery came out of, unless the partition has a new owner or epoch since. */
  #current({ receipt }: Delivery): Reading | undefined {
    if (receipt.kind !== 'position') return undefined;
    const reading = this.#readings.get(receipt.partition);
    return reading?.epoch === receipt.epoch ? reading : undefined;
  }

  #readAgain(reading: Reading, outcome: Outcome): void {
    reading.stale = true;
    const afterMs = outcome.kind === 'retry' ? outcome.afterMs : outcome.kind === 'lost' ? LOST_MS : 0;
    if (afterMs > 0) reading.resumeAtMs = Math.max(reading.resumeAtMs, this.#options.runtime.clock.now() + afterMs);
    this.#source.pause?.(reading.partition, true);
  }

  get #stale(): readonly Reading[] {
    const nowMs = this.#options.runtime.clock.now();
    return [...this.#readings.values()].filter((reading) => reading.stale && reading.resumeAtMs <= nowMs);
  }

  async #readStaleAgain(): Promise<void> {
    const gone = this.#stale.filter(({ partition }) => !this.#source.owns(partition));
    await this.#giveUp(gone.map(({ partition }) => partition));
    const own = this.#stale.filter(({ partition }) => this.#source.owns(partition));
    if (own.length === 0) return;
    await this.#options.released(own);
    await this.#assign(own.map(({ partition }) => partition));
  }

  get #suspicious(): readonly Reading[] {
    return [...this.#readings.values()].filter(({ alone, stale }) => alone > 0 && !stale);
  }

  /** Once for all who wait for it. */
  #armed(): Promise<void> {
    this.#arming ??= this.#turn
      .run(() => this.#armSuspect())
      .finally(() => {
        this.#arming = undefined;
      });
    return this.#arming;
  }

  /** Takes the partition of the next suspect over once more, so that its crash is counted there, and not where a neighbour only waits for its turn (trap 33). */
  async #armSuspect(): Promise<void> {
    const nowMs = this.#options.runtime.clock.now();
    const armed = this.#suspicious.find((reading) => reading.armed);
    if (armed !== undefined && armed.inHand.size > 0) return;
    const next = this.#suspicious.find(({ partition, resumeAtMs }) => resumeAtMs <= nowMs && this.#source.has(partition));
    if (next === undefined || next === armed) return;
    if (armed !== undefined) {
      armed.armed = false;
      await this.#options.released([armed]);
    }
    const [acquired] = await this.#options.assigned([next.partition]);
    if (acquired === undefined) return;
    Object.assign(next, { epoch: acquired.epoch, armed: true });
    if (acquired.position === next.position) return;
    next.position = acquired.position;
    this.#source.seek(next.partition, acquired.position);
  }

  #nextResumeMs(): number {
    const nowMs = this.#options.runtime.clock.now();
    const pauses = [...this.#readings.values()].map(({ resumeAtMs }) => resumeAtMs).filter((resumeAtMs) => resumeAtMs > nowMs);
    return Math.min(...pauses, Number.POSITIVE_INFINITY);
  }
}

function comesAgain({ kind }: Outcome): boolean {
  return kind === 'retry' || kind === 'held' || kind === 'released' || kind === 'lost' || kind === 'unknown';
}
