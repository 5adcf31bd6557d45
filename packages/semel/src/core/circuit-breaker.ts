import { checkOptions, nonNegativeMs, positiveInteger } from './options.ts';
import type { Clock } from './runtime.ts';

/** When a consumer stops trying, and for how long. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it. @default 5 */
  readonly failures?: number;
  /** How long it stays open before one probe is let through, in milliseconds. @default 10_000 */
  readonly resetMs?: number;
}

/** Whether work may begin: freely, as the one probe, or not before a time (milliseconds since 1970). */
export type Admission = { readonly kind: 'go' } | { readonly kind: 'probe' } | { readonly kind: 'wait'; readonly untilMs: number };

/**
 * Keeps a consumer from failing message after message while what it depends on is down.
 *
 * Closed, it lets everything through. Failures in a row open it; after `resetMs` it is half-open, and one probe goes: its success
 * closes the breaker, its failure opens it again. A probe of which nothing is heard for `resetMs` (it was released) makes way for another.
 */
export class CircuitBreaker {
  readonly #failures: number;
  readonly #resetMs: number;
  readonly #clock: Clock;
  #state: 'closed' | 'open' | 'half-open' = 'closed';
  #inARow = 0;
  /** When it opened, or when the last probe went. */
  #sinceMs = 0;

  /** @throws SemelError `bad-option` */
  constructor(options: CircuitBreakerOptions, clock: Clock) {
    checkOptions('circuitBreaker', options, ['failures', 'resetMs']);
    this.#failures = positiveInteger('circuitBreaker', 'failures', options.failures ?? 5);
    this.#resetMs = nonNegativeMs('circuitBreaker', 'resetMs', options.resetMs ?? 10_000);
    this.#clock = clock;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    return this.#state;
  }

  /** Until when nothing may begin; 0 where something may. */
  get waitUntilMs(): number {
    if (this.#state === 'closed') return 0;
    const nowMs = this.#clock.now();
    // A clock that was set back would otherwise keep it open for as long as it was wrong.
    const due = nowMs < this.#sinceMs || nowMs >= this.#sinceMs + this.#resetMs;
    return due ? 0 : this.#sinceMs + this.#resetMs;
  }

  /** Asks to begin. After `go` or `probe`, tell {@link succeeded} or {@link failed}. */
  admit(): Admission {
    if (this.#state === 'closed') return { kind: 'go' };
    const untilMs = this.waitUntilMs;
    if (untilMs > 0) return { kind: 'wait', untilMs };
    this.#state = 'half-open';
    this.#sinceMs = this.#clock.now();
    return { kind: 'probe' };
  }

  /** Work succeeded. While it is open this is a straggler from before, and says nothing. */
  succeeded(): void {
    if (this.#state === 'open') return;
    this.#state = 'closed';
    this.#inARow = 0;
  }

  /** Work failed. True if the breaker opened by it. */
  failed(): boolean {
    if (this.#state === 'open') return false;
    this.#inARow++;
    if (this.#state === 'closed' && this.#inARow < this.#failures) return false;
    this.#state = 'open';
    this.#sinceMs = this.#clock.now();
    return true;
  }
}
