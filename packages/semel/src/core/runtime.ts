import { sleepBy } from './sleep-by.ts';

/** Whole milliseconds since 1970-01-01 UTC. The database's clock rules leases where it has one of its own; this one everything else. */
export interface Clock {
  now(): number;
}

/** Every wait of Semel goes through here, so that a test or the prover can own time and order. */
export interface Scheduler {
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets everything else that is ready run first. */
  yield(): Promise<void>;
  /** Calls `callback` after `ms` unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** What Semel takes from the world around it: time, chance and waiting. All three can be given, and then nothing else is used. */
export interface Runtime {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A number in [0, 1). */
  random(): number;
}

/** Calls `callback` after `ms`, or at once where that is over: what is due already is no mistake of the caller's. */
function timer(ms: number, callback: () => void): NodeJS.Timeout {
  return setTimeout(callback, Math.max(0, ms));
}

/** The real world: the machine's clock, `Math.random` and timers. A process lives on while something sleeps, and not for what it is only to be told `after` a while. */
export const systemRuntime: Runtime = {
  clock: { now: () => Date.now() },
  random: () => Math.random(),
  scheduler: {
    sleep: (ms, signal) => sleepBy((after, wake) => cancelling(timer(after, wake)), ms, signal),
    yield: () => new Promise((resolve) => setImmediate(resolve)),
    after: (ms, callback) => cancelling(timer(ms, callback).unref()),
  },
};

function cancelling(running: NodeJS.Timeout): () => void {
  return () => clearTimeout(running);
}
