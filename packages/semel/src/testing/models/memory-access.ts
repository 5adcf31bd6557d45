import type { MemoryState } from './memory-state.ts';

/** One store's way to data that it may share with others. */
export interface MemoryAccess {
  readonly state: MemoryState;
  /** The store's clock; throws SemelError `store-closed` once the store has ended. */
  now(): number;
  /** Runs `task` while nobody else writes; refused where the store has ended by then. */
  write<Result>(task: (nowMs: number) => Result): Promise<Result>;
}

/** @param now see {@link MemoryAccess.now} */
export function memoryAccess(state: MemoryState, now: () => number): MemoryAccess {
  return { state, now, write: (task) => state.lock.run(() => task(now())) };
}
