import { isSemelError, SemelError } from '../../core/errors.ts';
import { reasonOf } from '../../core/reason-of.ts';
import type { Clock } from '../../core/runtime.ts';

/** What goes on is told again after this time. */
const AGAIN_MS = 30_000;

/** What went wrong beside the reading: told to whoever reads next, each kind once in a while. */
export class Troubles {
  readonly #clock: Clock;
  readonly #told = new Map<string, number>();
  #next: SemelError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get untold(): boolean {
    return this.#next !== undefined;
  }

  add(error: unknown): void {
    const trouble = isSemelError(error) ? error : new SemelError('transport-unavailable', `kafka: ${reasonOf(error)}`, { cause: error });
    const nowMs = this.#clock.now();
    if (nowMs - (this.#told.get(trouble.message) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    for (const [message, atMs] of this.#told) if (nowMs - atMs >= AGAIN_MS) this.#told.delete(message);
    this.#told.set(trouble.message, nowMs);
    this.#next = trouble;
  }

  /** Throws the newest one that nobody was told of. */
  tell(): void {
    const trouble = this.#next;
    this.#next = undefined;
    if (trouble !== undefined) throw trouble;
  }
}
