import type { Runtime } from './runtime.ts';

/** Something to wait for that may ring many times. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  ring(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when it rings, when `signal` aborts, or at `untilMs`. */
  wait(runtime: Runtime, signal: AbortSignal, untilMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      const { clock, scheduler } = runtime;
      const wake = () => {
        cancel?.();
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = untilMs === Number.POSITIVE_INFINITY ? undefined : scheduler.after(untilMs - clock.now(), wake);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }
}
