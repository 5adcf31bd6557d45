import { SemelError } from '../core/errors.ts';
import type { Runtime } from '../core/runtime.ts';

/** One running call of a handler. */
export class Invocation {
  readonly startedMs: number;
  /** Whose it is: one call of the processor. */
  readonly owner: object;
  /** Publishes that were begun and have not settled. */
  open = 0;
  #controller: AbortController | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #over: SemelError | undefined;

  constructor(startedMs: number, owner: object) {
    this.startedMs = startedMs;
    this.owner = owner;
  }

  /** Made on first use: most handlers never look, and an AbortController costs more than everything else here. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over) this.#controller.abort(this.#over);
    return this.#controller.signal;
  }

  /** Settles as the task does, or rejects as soon as the invocation is ended. */
  race<Result>(task: PromiseLike<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      task.then(resolve, reject);
    });
  }

  /** Aborts the signal; what the handler does from now on counts for nothing. */
  end(reason: SemelError): void {
    this.#over = reason;
    this.#controller?.abort(reason);
    this.#reject?.(reason);
  }
}

/**
 * Bounds the time of handlers. One timer serves them all: arming one per message would cost more than handling a small one.
 */
export class Watchdog {
  readonly #timeoutMs: number;
  readonly #runtime: Runtime;
  readonly #running = new Set<Invocation>();
  #armed = false;

  constructor(timeoutMs: number, runtime: Runtime) {
    this.#timeoutMs = timeoutMs;
    this.#runtime = runtime;
  }

  /**
   * Calls `task` on behalf of `owner`; rejects with `handler-timeout` when its time is over, with the reason given to {@link endAll} when that is
   * called, with `transaction-over` if it settles before a publish of its own does: what nobody waits for would be lost.
   * The task itself cannot be stopped: its signal aborts, and its transaction no longer takes writes.
   */
  async watch<Result>(owner: object, task: (invocation: Invocation) => Result | PromiseLike<Result>): Promise<Result> {
    const invocation = new Invocation(this.#runtime.clock.now(), owner);
    this.#running.add(invocation);
    if (!this.#armed) this.#arm(this.#timeoutMs);
    try {
      const returned = task(invocation);
      const result = isThenable(returned) ? await invocation.race(returned) : returned;
      if (invocation.open > 0) throw new SemelError('transaction-over', 'the handler settled before a publish of its own did; await every publish');
      return result;
    } finally {
      this.#running.delete(invocation);
    }
  }

  /** Ends everything that runs, or what runs on behalf of `owner`. */
  endAll(reason: SemelError, owner?: object): void {
    for (const invocation of this.#running) if (owner === undefined || invocation.owner === owner) invocation.end(reason);
  }

  #arm(afterMs: number): void {
    this.#armed = true;
    this.#runtime.scheduler.after(afterMs, () => this.#look());
  }

  #look(): void {
    this.#armed = false;
    const nowMs = this.#runtime.clock.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const invocation of this.#running) {
      const leftMs = invocation.startedMs + this.#timeoutMs - nowMs;
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else invocation.end(new SemelError('handler-timeout', `the handler did not settle within ${this.#timeoutMs} ms`));
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#arm(nextMs);
  }
}

function isThenable<Result>(value: Result | PromiseLike<Result>): value is PromiseLike<Result> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
