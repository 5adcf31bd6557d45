import { isSemelError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** How often a transaction that could not be serialized is run again. */
const MAX_CONFLICTS = 5;
const CONFLICT_PAUSE_MS = 5;

/** How often one transaction is run again for nobody's fault. */
export class ConflictRetries {
  readonly #runtime: Runtime;
  #conflicts = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Whether the transaction is to be run again: it could not be serialized (`store-conflict`), and not too often yet. Says so after a pause that keeps rivals apart. */
  async allow(error: unknown): Promise<boolean> {
    if (!isSemelError(error, 'store-conflict') || this.#conflicts >= MAX_CONFLICTS) return false;
    await this.#runtime.scheduler.sleep(CONFLICT_PAUSE_MS * (this.#conflicts++ + this.#runtime.random()));
    return true;
  }
}
