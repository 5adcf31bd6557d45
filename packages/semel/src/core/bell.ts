import type { Clock, Scheduler } from './runtime.ts';

/** What tells that it is time. */
export interface Alarm {
  readonly clock: Clock;
  readonly scheduler: Pick<Scheduler, 'after'>;
}

/** Something to wait for that may ring many times. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  ring(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when it rings, or when `signal` aborts. */
  rung(signal: AbortSignal): Promise<void> {
    return this.#wait(signal, () => () => {});
  }

  /** Resolves when it rings, when `signal` aborts, or at `untilMs`. */
  wait({ clock, scheduler }: Alarm, signal: AbortSignal, untilMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    if (untilMs === Number.POSITIVE_INFINITY) return this.rung(signal);
    return this.#wait(signal, (wake) => scheduler.after(untilMs - clock.now(), wake));
  }

  /** @param limit begins what ends the wait besides; it returns what calls that off */
  #wait(signal: AbortSignal, limit: (wake: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        callOff();
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const callOff = limit(wake);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }
}
