import type { MemoryState } from './memory-state.ts';

/** One store's way to data that it may share with others. */
export interface MemoryAccess {
  readonly state: MemoryState;
  /** The store's clock; throws SemelError `store-closed` once the store has ended. */
  now(): number;
  /** Runs `task` while nobody else writes; refused where the store has ended by then. */
  write<Result>(task: (nowMs: number) => Result): Promise<Result>;
}

/** Access to `state` under a clock that throws once its store has ended. */
export function memoryAccess(state: MemoryState, now: () => number): MemoryAccess {
  return { state, now, write: (task) => state.lock.run(() => task(now())) };
}
