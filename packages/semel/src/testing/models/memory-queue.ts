import type { Failure } from '../../core/delivery.ts';
import { identityKey } from '../../core/message.ts';
import type { ItemReceipt, SubscriptionState } from '../../core/store.ts';
import { MinHeap } from '../min-heap.ts';
import { Fifo } from './fifo.ts';
import { MemoryLane } from './memory-lane.ts';
import type { MemoryRow, NewRow, StoredMessage } from './memory-row.ts';

/** When a row falls due; stale once the row has another state or time. */
interface DueTime {
  readonly atMs: number;
  readonly row: MemoryRow;
}

/** The rows of one subscription: which are ready, in flight, waiting for a time, or blocked by a predecessor of their key. */
export class MemoryQueue {
  readonly #ordered: boolean;
  readonly #numbered: boolean;
  readonly #nextNumber: () => number;
  readonly #rows = new Map<number, MemoryRow>();
  readonly #lanes = new Map<string, MemoryLane<MemoryRow>>();
  readonly #ready = new Fifo<MemoryLane<MemoryRow>>();
  readonly #suspects = new Fifo<MemoryLane<MemoryRow>>();
  readonly #inFlight = new Set<MemoryRow>();
  readonly #parked = new Set<string>();
  readonly #due = new MinHeap<DueTime>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.row.item < b.row.item));
  /** No lease ends before this time. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;

  /**
   * @param options `numbered`: messages with a key carry the header `sequence`, which ascends within the key
   * @param nextNumber gives items and fences: ever increasing, unique in the store
   */
  constructor(options: { readonly ordered: boolean; readonly numbered: boolean }, nextNumber: () => number) {
    this.#ordered = options.ordered;
    this.#numbered = options.numbered;
    this.#nextNumber = nextNumber;
  }

  /** Puts a message in, at the end of its key's order; one that is not yet due takes its place when it is. */
  add(from: NewRow, dueMs: number, nowMs: number): MemoryRow {
    this.awaken(nowMs);
    const row = this.#newRow(from);
    this.#rows.set(row.item, row);
    if (row.stored !== undefined) row.stored.rows++;
    if (row.parkedAs !== undefined) this.#parked.add(row.parkedAs);
    if (dueMs > nowMs) this.#wait(row, 'delayed', dueMs);
    else this.#enter(row);
    return row;
  }

  /** Puts in a message that failed at a transport: it takes its place in its key's order at once, and runs again at `dueMs`. */
  park(from: NewRow, dueMs: number, nowMs: number): void {
    const row = this.add(from, 0, nowMs);
    if (dueMs > nowMs) this.#wait(row, 'retrying', dueMs);
  }

  /** Takes over the rows of another queue, in their order, but for those of messages that are here already. */
  adopt(other: MemoryQueue): void {
    const here = new Set([...this.#rows.values()].map(identityOfRow));
    for (const row of [...other.#rows.values()]) {
      if (here.has(identityOfRow(row))) {
        other.remove(row);
        continue;
      }
      this.#rows.set(row.item, row);
      if (row.parkedAs !== undefined) this.#parked.add(row.parkedAs);
      if (row.state === 'in-flight') this.#inFlight.add(row);
      if (row.state === 'delayed' || row.state === 'retrying') this.#due.push({ atMs: row.dueMs, row });
      if (row.state !== 'delayed') this.#enter(row, row.state);
    }
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, other.#nextExpiryMs);
  }

  /** Takes everything out; returns how many rows there were. */
  clear(): number {
    const { size } = this.#rows;
    for (const row of this.#rows.values()) this.remove(row);
    return size;
  }

  /** Hands out up to `max` rows; a suspect comes alone, and only where suspects are asked for. */
  lease({ max, leaseMs, suspects, nowMs }: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean; readonly nowMs: number }): readonly MemoryRow[] {
    this.awaken(nowMs);
    if (suspects) this.#expire(nowMs);
    const suspect = suspects ? (this.#nextLane(this.#suspects)?.run(1) ?? []) : [];
    const taken = suspect.length > 0 ? suspect : this.#takeReady(max);
    const endMs = nowMs + leaseMs;
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, endMs);
    return taken.map((row) => this.#take(row, endMs));
  }

  /** The row that is in flight under this receipt; undefined where it is another's by now. */
  find(receipt: ItemReceipt): MemoryRow | undefined {
    const row = this.#rows.get(receipt.item);
    return row?.state === 'in-flight' && row.fence === receipt.fence ? row : undefined;
  }

  /** Whether something of this key is here, whatever its state. */
  waits(key: string): boolean {
    return this.#lanes.get(key)?.head() !== undefined;
  }

  /** Whether this message, brought by a transport, is here. */
  keeps(identity: string): boolean {
    return this.#parked.has(identity);
  }

  /** Whether a row of this message is here, whatever its state. */
  holds(stored: StoredMessage): boolean {
    for (const row of this.#rows.values()) if (row.stored === stored) return true;
    return false;
  }

  extend(row: MemoryRow, endMs: number): void {
    row.dueMs = endMs;
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, endMs);
  }

  /** Back to its place, at no cost. */
  release(row: MemoryRow): void {
    if (row.suspect) row.attempts--;
    this.#move(row, 'ready');
  }

  retry(row: MemoryRow, dueMs: number, failure: Failure, counted: boolean): void {
    row.attempts += (counted ? 1 : 0) - (row.suspect ? 1 : 0);
    row.history = [...row.history, failure];
    row.suspect = false;
    this.#move(row, 'retrying');
    this.#wait(row, 'retrying', dueMs);
  }

  /** Dead, and its key waits. */
  hold(row: MemoryRow): void {
    this.#move(row, 'held');
  }

  /** A held row runs again, as if for the first time. */
  reopen(row: MemoryRow): void {
    row.attempts = 0;
    row.history = [];
    row.suspect = false;
    this.#move(row, 'ready');
  }

  remove(row: MemoryRow): void {
    this.#rows.delete(row.item);
    if (row.stored !== undefined) row.stored.rows--;
    if (row.parkedAs !== undefined) this.#parked.delete(row.parkedAs);
    const { lane } = row;
    this.#move(row, 'gone');
    if (row.key !== undefined && lane.head() === undefined && this.#lanes.get(row.key) === lane) this.#lanes.delete(row.key);
  }

  /** When something is next to be handed out; undefined if nothing will be without a new event. */
  nextDueMs(nowMs: number): number | undefined {
    this.awaken(nowMs);
    if (this.#has(this.#suspects) || this.#has(this.#ready)) return nowMs;
    let dueMs = this.#due.peek()?.atMs ?? Number.POSITIVE_INFINITY;
    for (const row of this.#inFlight) dueMs = Math.min(dueMs, row.dueMs);
    return dueMs === Number.POSITIVE_INFINITY ? undefined : dueMs;
  }

  backlog(): SubscriptionState['backlog'] {
    const count = { ready: 0, inFlight: 0, retrying: 0, held: 0 };
    for (const { state } of this.#rows.values()) {
      if (state === 'in-flight') count.inFlight++;
      else if (state === 'retrying' || state === 'held') count[state]++;
      else count.ready++;
    }
    return count;
  }

  /** When the oldest message that waits was published. */
  oldestMs(): number | undefined {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const row of this.#rows.values()) if (row.state !== 'held') oldestMs = Math.min(oldestMs, row.publishedAtMs);
    return oldestMs === Number.POSITIVE_INFINITY ? undefined : oldestMs;
  }

  /** Rows whose time has come are ready, or take their place. */
  awaken(nowMs: number): void {
    for (let next = this.#due.peek(); next !== undefined; next = this.#due.peek()) {
      const { row, atMs } = next;
      const stale = row.dueMs !== atMs || (row.state !== 'delayed' && row.state !== 'retrying');
      if (!stale && atMs > nowMs) return;
      this.#due.pop();
      if (stale) continue;
      if (row.state === 'retrying') this.#move(row, 'ready');
      else this.#takePlace(row);
    }
  }

  /** What was in flight when its lease ran out is suspect; which of a batch was the culprit, nobody knows yet. */
  #expire(nowMs: number): void {
    if (nowMs < this.#nextExpiryMs) return;
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    for (const row of this.#inFlight) {
      if (row.dueMs > nowMs) {
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, row.dueMs);
        continue;
      }
      row.suspect = true;
      this.#move(row, 'ready');
    }
  }

  #takeReady(max: number): MemoryRow[] {
    const taken: MemoryRow[] = [];
    while (taken.length < max) {
      const lane = this.#nextLane(this.#ready);
      if (lane === undefined) break;
      taken.push(...lane.run(max - taken.length));
    }
    return taken;
  }

  /** Takes the next lane out of a list, passing over those whose head has changed since. */
  #nextLane(list: Fifo<MemoryLane<MemoryRow>>): MemoryLane<MemoryRow> | undefined {
    for (let lane = list.shift(); lane !== undefined; lane = list.shift()) {
      lane.listed = false;
      const head = lane.head();
      if (head?.state !== 'ready') continue;
      if (head.suspect === (list === this.#suspects)) return lane;
      this.#offer(lane);
    }
    return undefined;
  }

  #has(list: Fifo<MemoryLane<MemoryRow>>): boolean {
    const lane = this.#nextLane(list);
    if (lane === undefined) return false;
    lane.listed = true;
    list.unshift(lane);
    return true;
  }

  #take(row: MemoryRow, endMs: number): MemoryRow {
    if (row.suspect) row.attempts++; // counted now: nobody counts it once it has ended its process
    row.fence = this.#nextNumber();
    row.dueMs = endMs;
    this.#move(row, 'in-flight');
    return row;
  }

  #wait(row: MemoryRow, state: 'delayed' | 'retrying', dueMs: number): void {
    row.state = state;
    row.dueMs = dueMs;
    this.#due.push({ atMs: dueMs, row });
  }

  /** A delayed row stands behind what was put in before it fell due, in its lane and among the rows. */
  #takePlace(row: MemoryRow): void {
    this.#rows.delete(row.item);
    this.#rows.set(row.item, row);
    this.#enter(row);
  }

  /** At the end of its lane. */
  #enter(row: MemoryRow, state: MemoryRow['state'] = 'ready'): void {
    row.lane = this.#laneOf(row.key);
    if (row.place === 0) row.place = this.#nextNumber();
    row.lane.append(row);
    row.state = state;
    if (state === 'in-flight') row.lane.inFlight++;
    this.#offer(row.lane);
  }

  #move(row: MemoryRow, state: MemoryRow['state']): void {
    if (row.state === 'in-flight') {
      row.lane.inFlight--;
      this.#inFlight.delete(row);
    }
    row.state = state;
    if (state === 'in-flight') {
      row.lane.inFlight++;
      this.#inFlight.add(row);
    } else this.#offer(row.lane);
  }

  /** Lists the lane if its head can be handed out. */
  #offer(lane: MemoryLane<MemoryRow>): void {
    if (lane.listed || lane.inFlight > 0) return;
    const head = lane.head();
    if (head?.state !== 'ready') return;
    lane.listed = true;
    (head.suspect ? this.#suspects : this.#ready).push(lane);
  }

  #laneOf(key: string | undefined): MemoryLane<MemoryRow> {
    if (!this.#ordered || key === undefined) return new MemoryLane<MemoryRow>();
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new MemoryLane<MemoryRow>();
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #newRow(from: NewRow): MemoryRow {
    return {
      item: this.#nextNumber(),
      topic: from.topic,
      key: from.key,
      content: from.content,
      numbered: this.#numbered && from.key !== undefined,
      publishedAtMs: from.publishedAtMs,
      attempts: from.attempts,
      history: from.history,
      ...(from.stored === undefined ? {} : { stored: from.stored }),
      ...(from.parkedAs === undefined ? {} : { parkedAs: from.parkedAs }),
      state: 'ready',
      lane: NOWHERE,
      place: 0,
      dueMs: 0,
      fence: 0,
      suspect: false,
    };
  }
}

function identityOfRow({ parkedAs, stored }: MemoryRow): string | undefined {
  return parkedAs ?? (stored && identityKey(stored.sealed.message));
}

/** The lane of a row that is in no order yet. */
const NOWHERE: MemoryLane<MemoryRow> = new MemoryLane<MemoryRow>();
