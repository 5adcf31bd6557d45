import type { Store } from '../../core/store.ts';

/** A store under test, with what the suite needs around it. */
export interface StoreFixture<Tx = unknown> {
  /** Not yet opened. */
  readonly store: Store<Tx>;
  readonly effects: {
    /** Writes an effect through the transaction of a handler. */
    write(tx: Tx, key: string): void | Promise<void>;
    /** The keys of all committed effects, one for each time that an effect was committed, read past the store. */
    list(): Promise<readonly string[]>;
  };
  /** Another store, not yet opened, on the same data: a second worker, or the same one after a restart. */
  another(): Store<Tx>;
  /** Called after the stores were closed. */
  close(): Promise<void>;
}
