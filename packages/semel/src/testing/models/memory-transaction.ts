import { SemelError } from '../../core/errors.ts';
import type { MemoryLog } from './memory-log.ts';

/**
 * The `tx` of the in-memory store: a table of keys and values. A handler sees its own writes, and those of its transaction before it.
 *
 * Values are kept as they are given, not copied: treat what was set as read-only.
 *
 * Every method throws SemelError `transaction-over` once its handler has settled.
 */
export class MemoryTransaction {
  readonly #values: Map<string, unknown>;
  readonly #log: MemoryLog;
  #over = false;

  constructor(values: Map<string, unknown>, log: MemoryLog) {
    this.#values = values;
    this.#log = log;
  }

  get(key: string): unknown {
    this.#check();
    return this.#values.get(key);
  }

  set(key: string, value: unknown): void {
    this.#check();
    this.#remember(key);
    this.#values.set(key, value);
  }

  /** Whether there was such a key. */
  delete(key: string): boolean {
    this.#check();
    this.#remember(key);
    return this.#values.delete(key);
  }

  /** The keys that begin with `prefix`, with their values; looks at every key of the store. */
  entries(prefix = ''): readonly (readonly [key: string, value: unknown])[] {
    this.#check();
    return [...this.#values].filter(([key]) => key.startsWith(prefix));
  }

  /** Ends it: from now on every use is refused. */
  revoke(): void {
    this.#over = true;
  }

  #check(): void {
    if (this.#over) throw transactionOver();
  }

  #remember(key: string): void {
    const values = this.#values;
    const before = values.get(key);
    if (before !== undefined || values.has(key)) this.#log.wrote(() => values.set(key, before));
    else this.#log.wrote(() => values.delete(key));
  }
}

/** The refusal of a `tx` or `stage` whose handler has settled. */
export function transactionOver(): SemelError {
  return new SemelError('transaction-over', 'the transaction was used after its handler had settled; await every use of `tx` and `publish`');
}
