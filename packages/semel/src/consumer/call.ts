import type { Delivery, Outcome, ProcessOptions } from '../core/delivery.ts';
import { Stops } from '../core/group-plan.ts';
import type { Clock } from '../core/runtime.ts';
import type { Verdict, WorkItem } from '../core/store.ts';
import type { Bounds } from './engine.ts';

const NEVER: AbortSignal = new AbortController().signal;

/** One call of a processor: its bounds, its answers, and the keys and partitions whose order was interrupted so far. Groups come and go, these stay. */
export class Call implements Bounds {
  readonly signal: AbortSignal;
  probing = false;
  readonly stops: Stops;
  readonly outcomes: Map<Delivery, Outcome> = new Map();
  readonly #options: ProcessOptions;

  constructor(options: ProcessOptions, ordered: boolean) {
    this.#options = options;
    this.signal = options.signal ?? NEVER;
    this.stops = new Stops(ordered);
  }

  /** Whether nothing more is to be begun. */
  mustStop(clock: Clock): boolean {
    const { deadlineMs } = this.#options;
    return this.signal.aborted || (deadlineMs !== undefined && clock.now() >= deadlineMs);
  }

  /** Keeps what became of an item, and what has to wait for it. */
  answer(item: WorkItem, verdict: Verdict, outcome: Outcome): void {
    this.outcomes.set(item.delivery, outcome);
    const parked = stopsAt(verdict);
    if (parked !== undefined) this.stops.add(item, parked);
    this.#options.onAnswer?.(item.delivery, outcome);
  }
}

/** Whether what comes after it in its key has to wait: true where it waits in the store's queue, false where its transport keeps it. */
function stopsAt(verdict: Verdict): boolean | undefined {
  switch (verdict.kind) {
    case 'done':
    case 'duplicate':
    case 'buried':
      return undefined;
    case 'failed':
      if (verdict.settlement.kind === 'retry') return verdict.settlement.park;
      return verdict.settlement.holdKey ? true : undefined;
    case 'held':
      return verdict.parked;
    default:
      return false;
  }
}
