import type { Scope, Settlement, WorkItem } from './store.ts';

/** What the store's records say of an item, read under the lock that its transaction holds to the end. */
export type ItemState =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'done'; readonly result?: unknown; readonly fingerprint: string }
  | { readonly kind: 'dead'; readonly fingerprint: string }
  /** An ordered predecessor of its key is parked in the queue. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'moved'; readonly position: string | undefined };

/** What is to be written about an item before the commit. */
export type Entry = { readonly item: WorkItem } & (
  | { readonly kind: 'done'; readonly recorded: boolean; readonly result?: unknown }
  | { readonly kind: 'settlement'; readonly settlement: Settlement }
  | { readonly kind: 'park' } // ready, behind its key's predecessor
);

/** Thrown by {@link Session.commit} where what was sent before it was refused: COMMIT itself is not to blame. */
export class RefusedBefore {
  readonly error: unknown;
  /** Of a `sole` work: whether it would be refused again, however often it ran. */
  readonly final: boolean;
  constructor(error: unknown, final = false) {
    this.error = error;
    this.final = final;
  }
}

/** When a scope's messages are written; see {@link Session.open}. */
export type StageMode = 'deferred' | 'sole' | 'immediate';

/** A scope that its store can end. */
export interface OpenScope<Tx> extends Scope<Tx> {
  /** From now on every use of `tx` and `stage` is refused. */
  revoke(): void;
  /**
   * Rejects if the transaction is no longer the one that was begun, or if the store was in trouble during a use of `tx` or `stage`,
   * whatever the user's code caught. What it does not report is the message's own failure.
   */
  verify(): void | Promise<void>;
}

/**
 * One interactive transaction, as {@link commitGroup} drives it. A SQL store implements this and gets groups, isolation of
 * failures and bisection for nothing.
 */
export interface Session<Tx> {
  /** `unit` names this transaction alone, so that a lost reply to its COMMIT can be resolved. */
  begin(unit: string): Promise<void>;
  /** Checks fences, epochs and records of all items as a set; what it says stays true until the end of the transaction. */
  inspect(items: readonly WorkItem[]): Promise<readonly ItemState[]>;
  /**
   * - `deferred`: what is staged may wait for {@link flush} and go as a set; who is to blame for a refusal is found out by running them again;
   * - `sole`: so it may, but this work is alone in its transaction, and should not run again to learn what refused it: see {@link RefusedBefore.final};
   * - `immediate`: each is written, and refused, at once.
   */
  open(mode: StageMode): OpenScope<Tx>;
  savepoint(): Promise<void>;
  releaseSavepoint(): Promise<void>;
  rollbackToSavepoint(): Promise<void>;
  /** Writes what deferred scopes staged. This and {@link settle} may only send; what is refused then, {@link commit} tells. */
  flush(): Promise<void>;
  settle(entries: readonly Entry[]): Promise<void>;
  /** Rejects with `commit-unknown` where the fate is open; with anything else, a {@link RefusedBefore} among it, the transaction is surely undone. */
  commit(): Promise<void>;
  /** Never rejects: a connection in doubt is replaced. */
  rollback(): Promise<void>;
}
