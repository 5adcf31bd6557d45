import type { SemelError } from './errors.ts';
import { conflicts, identityConflict } from './identity-conflict.ts';
import { identityKey } from './message.ts';
import type { Entry, ItemState } from './session.ts';
import type { CommitOptions, ItemResult, Verdict, WorkItem } from './store.ts';

/** Where a failure interrupted an order: what comes after it has to wait. */
export class Stops {
  readonly #ordered: boolean;
  /** Keys; true where what failed now waits in the store's queue. */
  readonly #keys = new Map<string, boolean>();
  /** Partitions in which an item was given back: nothing after it may advance the position. */
  readonly #partitions = new Set<string>();

  /** @param ordered whether keys have an order to keep; a partition always has */
  constructor(ordered: boolean | undefined, before?: Stops) {
    this.#ordered = ordered === true;
    if (before === undefined) return;
    for (const [key, parked] of before.#keys) this.#keys.set(key, parked);
    for (const partition of before.#partitions) this.#partitions.add(partition);
  }

  add(item: WorkItem, parked: boolean): void {
    const key = item.message?.key;
    // Once one of a key is back at its transport the rest must not be parked before it, even where an earlier one is.
    if (this.#ordered && key !== undefined && !(parked && this.#keys.has(key))) this.#keys.set(key, parked);
    if (item.receipt.kind === 'position' && !parked) this.#partitions.add(item.receipt.partition);
  }

  /** Whether the item must wait: true where it waits in the store's queue, false where its transport keeps it. */
  holding(item: WorkItem): boolean | undefined {
    if (item.receipt.kind === 'position' && this.#partitions.has(item.receipt.partition)) return false;
    const key = item.message?.key;
    return this.#ordered && key !== undefined ? this.#keys.get(key) : undefined;
  }
}

/**
 * What becomes of each item of a group, decided as its transaction goes: which are fresh, which wait for their key, which repeat
 * another of the same group, and what is to be written about each. Holds no I/O, so every rule here is testable alone.
 */
export class GroupPlan {
  readonly items: readonly WorkItem[];
  readonly stops: Stops;
  readonly #options: Pick<CommitOptions, 'ordered' | 'onFailure'>;
  readonly #verdicts = new Map<WorkItem, Verdict>();
  readonly #entries: Entry[] = [];
  /** Items whose identity was handled with another payload. Each fails in its turn: what comes before it in its key must not wait for it. */
  readonly #conflicts = new Map<WorkItem, SemelError>();
  /** Items that carry an identity which an earlier item of the group carries too. */
  readonly #repeats = new Map<WorkItem, WorkItem>();

  /** @param before where the works before these left an order interrupted */
  constructor(items: readonly WorkItem[], options: Pick<CommitOptions, 'ordered' | 'onFailure'>, before?: Stops) {
    this.items = items;
    this.stops = new Stops(options.ordered, before);
    this.#options = options;
  }

  /** Takes in what the records say; everything that needs no run is decided here. */
  learn(states: readonly ItemState[]): void {
    const first = new Map<string, WorkItem>();
    this.items.forEach((item, index) => {
      const state = states[index] as ItemState;
      if (state.kind !== 'fresh') return this.#known(item, state);
      if (item.claim === undefined || item.message === undefined) return;
      const key = identityKey(item.message);
      const earlier = first.get(key);
      if (earlier === undefined) first.set(key, item);
      else this.#repeats.set(item, earlier);
    });
  }

  /** Those of the items that are to be run now; decides the others. */
  fresh(items: readonly WorkItem[]): readonly WorkItem[] {
    const fresh: WorkItem[] = [];
    for (const item of items) {
      if (this.#verdicts.has(item) || this.#repeats.has(item)) continue;
      const parked = this.stops.holding(item);
      const conflict = this.#conflicts.get(item);
      if (parked !== undefined) this.#hold(item, parked);
      else if (conflict !== undefined) this.#failed(item, conflict);
      else fresh.push(item);
    }
    return fresh;
  }

  /** Takes in what the user's code made of an item. */
  finish(item: WorkItem, result: ItemResult): void {
    if (!result.ok) return this.#failed(item, result.error);
    this.#entries.push({ item, kind: 'done', recorded: item.claim !== undefined, ...('result' in result ? { result: result.result } : {}) });
    this.#verdicts.set(item, 'result' in result ? { kind: 'done', result: result.result } : { kind: 'done' });
  }

  /** Gives back what is not begun, or what was undone with no fault of its own; nothing is written about it. */
  release(items: readonly WorkItem[], error?: unknown): void {
    const open = items.filter((item) => !this.#verdicts.has(item));
    const parked = open.map((item) => (error === undefined ? this.stops.holding(item) : undefined)); // asked before these stop anything themselves
    for (const [index, item] of open.entries()) {
      const waits = parked[index];
      if (waits !== undefined) this.#hold(item, waits);
      else {
        this.stops.add(item, false);
        this.#verdicts.set(item, error === undefined ? { kind: 'released' } : { kind: 'released', error });
      }
    }
  }

  /** What is to be written; call once, after the last item ran. */
  entries(): readonly Entry[] {
    for (const [item, earlier] of this.#repeats) if (!this.#verdicts.has(item)) this.#repeat(item, earlier);
    return this.#entries;
  }

  /** A verdict per item, in the items' order. */
  verdicts(): readonly Verdict[] {
    return this.items.map((item) => this.#verdicts.get(item) ?? { kind: 'released' });
  }

  #known(item: WorkItem, state: Exclude<ItemState, { kind: 'fresh' }>): void {
    switch (state.kind) {
      case 'lost':
        this.stops.add(item, false); // whoever has it now may be at it still
        return void this.#verdicts.set(item, { kind: 'lost' });
      case 'moved':
        return void this.#verdicts.set(item, { kind: 'moved', position: state.position });
      case 'waiting':
        return this.#hold(item, this.stops.holding(item) ?? true); // one before it may have gone back to its transport meanwhile
      case 'done':
        return this.#recorded(item, state.fingerprint, 'result' in state ? { kind: 'duplicate', result: state.result } : { kind: 'duplicate' });
      case 'dead':
        return this.#recorded(item, state.fingerprint, { kind: 'buried' });
    }
  }

  /** It was settled before: acknowledge without running, unless it carries another payload. */
  #recorded(item: WorkItem, fingerprint: string, verdict: Verdict): void {
    const conflict = conflictOf(item, fingerprint);
    if (conflict === undefined) this.#acknowledge(item, verdict);
    else this.#conflicts.set(item, conflict);
  }

  #acknowledge(item: WorkItem, verdict: Verdict): void {
    this.#entries.push({ item, kind: 'done', recorded: false });
    this.#verdicts.set(item, verdict);
  }

  /** The second of one identity in a group shares the first's end. */
  #repeat(item: WorkItem, earlier: WorkItem): void {
    const verdict = this.#verdicts.get(earlier);
    const conflict = conflictOf(item, earlier.claim?.fingerprint ?? '');
    if (!isKept(verdict)) this.#hold(item, false);
    else if (conflict !== undefined) this.#failed(item, conflict);
    else this.#acknowledge(item, verdict?.kind === 'done' && 'result' in verdict ? { kind: 'duplicate', result: verdict.result } : { kind: 'duplicate' });
  }

  #failed(item: WorkItem, error: unknown): void {
    const settlement = this.#options.onFailure(item, error);
    if (settlement === undefined) return this.release([item], error);
    if (settlement.kind === 'retry') this.stops.add(item, settlement.park);
    else if (settlement.holdKey) this.stops.add(item, true);
    this.#entries.push({ item, kind: 'settlement', settlement });
    this.#verdicts.set(item, { kind: 'failed', settlement, error });
  }

  #hold(item: WorkItem, parked: boolean): void {
    const park = parked && item.receipt.kind !== 'item';
    this.stops.add(item, park);
    if (park) this.#entries.push({ item, kind: 'park' });
    this.#verdicts.set(item, { kind: 'held', parked: park });
  }
}

/** Whether the store keeps what became of a message, so that another delivery of it can be acknowledged. */
function isKept(verdict: Verdict | undefined): boolean {
  if (verdict?.kind === 'failed') return verdict.settlement.kind === 'dead' || verdict.settlement.park;
  return verdict?.kind === 'done' || (verdict?.kind === 'held' && verdict.parked);
}

/** The refusal of an item that carries another payload than the one recorded under its identity. */
function conflictOf(item: WorkItem, recorded: string): SemelError | undefined {
  const received = item.claim?.fingerprint ?? '';
  return conflicts(recorded, received) ? identityConflict('handled', item.message ?? { source: '', id: '' }, recorded, received) : undefined;
}
