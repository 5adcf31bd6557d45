import { type Admission, CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
import type { Runtime } from './runtime.ts';

const TROUBLE_BASE_MS = 50;
const TROUBLE_CAP_MS = 10_000;

/**
 * Says whether a worker may take more: not while its handler asked for a pause, its circuit breaker is open, or its store or
 * broker is in trouble. None of these costs a message an attempt.
 */
export class Gate {
  readonly #runtime: Runtime;
  readonly #breaker: CircuitBreaker | undefined;
  #closedUntilMs = 0;
  #troubles = 0;

  constructor(runtime: Runtime, breaker?: CircuitBreakerOptions) {
    this.#runtime = runtime;
    this.#breaker = breaker && new CircuitBreaker(breaker, runtime.clock);
  }

  /** Whether messages are best taken one at a time: an outage may still go on. */
  get cautious(): boolean {
    return this.#breaker !== undefined && this.#breaker.state !== 'closed';
  }

  /** Asks to begin: freely, with one message as a probe whose failure is not counted, or not yet. */
  admit(): Admission {
    if (this.#closedUntilMs > this.#runtime.clock.now()) return { kind: 'wait', untilMs: this.#closedUntilMs };
    return this.#breaker?.admit() ?? { kind: 'go' };
  }

  /** Resolves when asking may help, or when `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = Math.max(this.#closedUntilMs, this.#breaker?.waitUntilMs ?? 0) - this.#runtime.clock.now();
      if (waitMs <= 0) return;
      await this.#runtime.scheduler.sleep(waitMs, signal);
    }
  }

  pause(afterMs: number): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, this.#runtime.clock.now() + afterMs);
  }

  /** The store or the broker failed, and no message is to blame: wait, longer each time. Returns for how long. */
  trouble(): number {
    const ceilingMs = Math.min(TROUBLE_CAP_MS, TROUBLE_BASE_MS * 2 ** this.#troubles);
    this.#troubles = Math.min(this.#troubles + 1, 16);
    const afterMs = Math.ceil(ceilingMs * (0.5 + this.#runtime.random() / 2));
    this.pause(afterMs);
    return afterMs;
  }

  /** A commit went through. */
  calm(): void {
    this.#troubles = 0;
  }

  succeeded(): void {
    this.#breaker?.succeeded();
  }

  /** True where this failure opened the circuit breaker. */
  failed(): boolean {
    return this.#breaker?.failed() ?? false;
  }
}
