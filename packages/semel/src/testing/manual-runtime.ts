import type { Runtime } from '../core/runtime.ts';
import { sleepBy } from '../core/sleep-by.ts';
import { MinHeap } from './min-heap.ts';
import { seededRandom } from './seeded-random.ts';

/** Options of {@link manualRuntime}. */
export interface ManualRuntimeOptions {
  /** Decides `random()`. @default 1 */
  readonly seed?: number;
  /** Where the clock begins, in milliseconds since 1970. @default 2026-01-01T00:00:00Z */
  readonly nowMs?: number;
}

/** A runtime whose time stands still until it is told to pass. */
export interface ManualRuntime extends Runtime {
  /** Lets `ms` milliseconds pass: fires the timers that fall due, in the order of their times, and lets what each starts run before the next. */
  advance(ms: number): Promise<void>;
  /** Sets the clock without firing anything, forwards or back, as a clock that is adjusted does. */
  jump(ms: number): void;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * A {@link Runtime} for tests: leases, retries and delays pass when the test says so, in the same order at every run.
 *
 * @example
 * const runtime = manualRuntime({ seed: 7 });
 * await runtime.advance(30_000);   // a lease of 30 s runs out
 */
export function manualRuntime(options: ManualRuntimeOptions = {}): ManualRuntime {
  const { seed = 1, nowMs: startMs = Date.UTC(2026, 0, 1) } = options;
  const timers = new MinHeap<Timer>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  let nowMs = startMs;
  let order = 0;

  function after(ms: number, callback: () => void): () => void {
    const timer: Timer = { atMs: nowMs + Math.max(0, ms), order: order++, callback };
    timers.push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  async function advance(ms: number): Promise<void> {
    const endMs = nowMs + ms;
    await rest(); // what is ready now may set timers that fall due on the way
    for (let next = timers.peek(); next !== undefined && next.atMs <= endMs; next = timers.peek()) {
      timers.pop();
      if (next.callback === undefined) continue;
      nowMs = Math.max(nowMs, next.atMs);
      next.callback();
      await rest();
    }
    nowMs = endMs;
    await rest();
  }

  return {
    clock: { now: () => nowMs },
    random: seededRandom(seed),
    scheduler: { after, yield: turn, sleep: (ms, signal) => sleepBy(after, ms, signal) },
    advance,
    jump: (ms) => {
      nowMs += ms;
    },
  };
}

/** What was started may itself let others run first, more than once. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 4; turns++) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
