import { AsyncLocalStorage } from 'node:async_hooks';
import { Lifecycle, type LifecycleEvent } from '../../core/lifecycle.ts';

/** Who may be struck at an event. */
export interface Struck {
  reach(event: LifecycleEvent): Promise<void>;
}

/**
 * Tells each worker of its own events, also where several share a store. Unlike an observer a worker can throw there: the engine then gives up what it
 * has open, as it does when its connection ends.
 */
export class WorkerLifecycle extends Lifecycle {
  readonly #current = new AsyncLocalStorage<Struck>();

  override get observed(): boolean {
    return true;
  }

  override async emit(event: LifecycleEvent): Promise<void> {
    await this.#current.getStore()?.reach(event);
  }

  /** Runs `task` as this worker. */
  as<Result>(worker: Struck, task: () => Promise<Result>): Promise<Result> {
    return this.#current.run(worker, task);
  }
}
