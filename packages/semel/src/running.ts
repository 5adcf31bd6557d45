import type { Worker } from './consumer/worker.ts';
import type { Runtime } from './core/runtime.ts';
import type { Store } from './core/store.ts';
import type { Feed } from './core/transport.ts';

/** What {@link Running} watches over. */
export interface RunningParts {
  readonly workers: readonly Worker[];
  /** The subscriptions whose backlog must be gone for `idle`. */
  readonly subscriptions: readonly string[];
  /** Feeds of transports that can tell what is still to come. */
  readonly feeds: readonly Feed[];
  readonly store: Store;
  readonly runtime: Runtime;
  /** Called once everything has stopped. */
  readonly stopped: () => Promise<void>;
}

const DEFAULT_DEADLINE_MS = 10_000;

/** Started consumers and relays. */
export class Running implements AsyncDisposable {
  readonly #parts: RunningParts;
  #stopped: Promise<void> | undefined;

  constructor(parts: RunningParts) {
    this.#parts = parts;
  }

  /**
   * Resolves once nothing is left that would happen by itself: no message due, in flight or waiting for a retry, here or in
   * another process, and every outbox empty. Messages published for a later time do not count, nor keys held by a dead letter, nor what waits for a
   * paused consumer.
   */
  async idle(): Promise<void> {
    const { scheduler } = this.#parts.runtime;
    for (let waitMs = 2; !(await this.#isIdle()); waitMs = Math.min(waitMs * 2, 50)) await scheduler.sleep(waitMs);
  }

  /**
   * Takes nothing new, finishes what is in hand, and closes the store's connections. At the deadline running handlers are
   * interrupted, and what is not done is released for another worker. Idempotent.
   */
  stop({ deadlineMs = DEFAULT_DEADLINE_MS }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(deadlineMs);
    return this.#stopped;
  }

  /** Resolves after SIGTERM or SIGINT arrived and `stop` is through. */
  async untilSignal(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        process.off('SIGTERM', done);
        process.off('SIGINT', done);
        resolve();
      };
      process.once('SIGTERM', done);
      process.once('SIGINT', done);
    });
    await this.stop(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(deadlineMs: number): Promise<void> {
    const deadline = new AbortController();
    const cancel = this.#parts.runtime.scheduler.after(deadlineMs, () => deadline.abort());
    await Promise.all(this.#parts.workers.map((worker) => worker.stop(deadline.signal)));
    cancel();
    await this.#parts.stopped();
  }

  /** From where messages come to where they go: one that leaves an outbox is at the broker by the time that is asked, and what came out of there is in a queue by the end. */
  async #isIdle(): Promise<boolean> {
    const { workers, feeds } = this.#parts;
    if (workers.some((worker) => worker.busy) || (await this.#hasBacklog())) return false;
    for (const feed of feeds) if (((await feed.pending?.()) ?? 0) > 0) return false;
    if (feeds.length > 0 && (await this.#hasBacklog())) return false;
    return !workers.some((worker) => worker.busy);
  }

  async #hasBacklog(): Promise<boolean> {
    const { subscriptions, store, runtime } = this.#parts;
    for (const name of subscriptions) if (((await store.queue?.nextDueMs(name)) ?? Number.POSITIVE_INFINITY) <= runtime.clock.now()) return true;
    const own = new Set(subscriptions);
    const states = (await store.registry.list()).filter(({ name, pausedUntilMs = 0 }) => own.has(name) && pausedUntilMs <= runtime.clock.now());
    return states.some(({ backlog }) => backlog.ready + backlog.inFlight + backlog.retrying > 0);
  }
}
