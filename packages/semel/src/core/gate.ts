import { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.ts';
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
  #probing = false;

  constructor(runtime: Runtime, breaker?: CircuitBreakerOptions) {
    this.#runtime = runtime;
    this.#breaker = breaker && new CircuitBreaker(breaker, runtime.clock);
  }

  /** Whether the next message is a probe: its failure says that the outage goes on, and is not counted. */
  get probing(): boolean {
    return this.#probing;
  }

  /** Whether something closed it. */
  get closed(): boolean {
    return this.#closedUntilMs > this.#runtime.clock.now() || this.#breaker?.state === 'open';
  }

  /** Resolves when more may be taken, or when `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const nowMs = this.#runtime.clock.now();
      if (this.#closedUntilMs > nowMs) {
        await this.#runtime.scheduler.sleep(this.#closedUntilMs - nowMs, signal);
        continue;
      }
      const admission = this.#breaker?.admit() ?? { kind: 'go' };
      this.#probing = admission.kind === 'probe';
      if (admission.kind !== 'wait') return;
      await this.#runtime.scheduler.sleep(Math.max(1, admission.untilMs - nowMs), signal);
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
