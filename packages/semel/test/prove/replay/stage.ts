import { Lifecycle } from '../../../src/core/lifecycle.ts';
import { type Runtime, systemRuntime } from '../../../src/core/runtime.ts';
import type { Store, StoreContext } from '../../../src/core/store.ts';

/** A store on empty data that histories are played on, and a clock that shows what it is set to. */
export class Stage<Tx = unknown> implements AsyncDisposable {
  readonly store: Store<Tx>;
  readonly effects: StageEffects<Tx>;
  readonly #clear: () => Promise<void>;
  readonly #clock: { nowMs: number };

  private constructor(store: Store<Tx>, effects: StageEffects<Tx>, clock: { nowMs: number }, clear: () => Promise<void>) {
    this.store = store;
    this.effects = effects;
    this.#clock = clock;
    this.#clear = clear;
  }

  /** @param clear called once the store is closed */
  static async open<Tx>(store: Store<Tx>, effects: StageEffects<Tx>, clear: () => Promise<void>): Promise<Stage<Tx>> {
    const clock = { nowMs: 0 };
    const runtime: Runtime = { ...systemRuntime, clock: { now: () => clock.nowMs } }; // who waits for a lock waits in earnest
    const context: StoreContext = { runtime, lifecycle: new Lifecycle() };
    await store.open(context);
    return new Stage(store, effects, clock, clear);
  }

  setClock(nowMs: number): void {
    this.#clock.nowMs = nowMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    await this.#clear();
  }
}

/** How effects are written in a transaction, and read past the store. */
export interface StageEffects<Tx> {
  write(tx: Tx, effect: string): void | Promise<void>;
  list(): readonly string[] | Promise<readonly string[]>;
}
