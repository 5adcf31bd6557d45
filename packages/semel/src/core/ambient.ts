import { AsyncLocalStorage } from 'node:async_hooks';
import { SemelError } from './errors.ts';
import type { Store } from './store.ts';

/** The transaction in which the current code runs. */
interface Frame {
  readonly store: Store;
  /** The transaction, of another store, inside which this one was begun. */
  readonly outer: Frame | undefined;
  open: boolean;
}

const frames = new AsyncLocalStorage<Frame>();

/**
 * Runs `task` as the inside of a transaction of `store`. Code called from it that asks for another transaction of the same store
 * would wait for a lock which its own caller holds; {@link refuseNested} turns that into an error.
 */
export async function inTransactionOf<Result>(store: Store, task: () => Promise<Result>): Promise<Result> {
  const frame: Frame = { store, outer: frames.getStore(), open: true };
  try {
    return await frames.run(frame, task);
  } finally {
    frame.open = false; // timers and the like that were begun inside outlive it, and are free again
  }
}

/** Throws `nested-transaction` where the caller runs inside an open transaction of `store`, however many of other stores lie between. */
export function refuseNested(store: Store, what: string): void {
  for (let frame = frames.getStore(); frame !== undefined; frame = frame.outer) {
    if (frame.open && frame.store === store) {
      throw new SemelError(
        'nested-transaction',
        `${what} was called inside a transaction of the same store, and would wait for itself for ever; use the \`tx\` and \`publish\` that the handler was given`,
      );
    }
  }
}
