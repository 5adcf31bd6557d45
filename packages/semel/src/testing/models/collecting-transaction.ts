import { SemelError } from '../../core/errors.ts';
import type { CollectedWrite, Refusal } from './collecting-write.ts';
import { transactionOver } from './memory-transaction.ts';

/** What must hold at the commit for a put to be made: the key is absent, or has this very value. */
export type PutCondition = { readonly absent: true } | { readonly equals: unknown };

/**
 * The `tx` of the collecting store: writes are gathered, and committed at the end.
 *
 * A read gives the value that was committed last, so what depends on it needs a condition: messages of one group do not see each
 * other's writes.
 *
 * Every method throws SemelError `transaction-over` once its handler has settled.
 */
export class CollectingTransaction {
  readonly #values: Map<string, unknown>;
  readonly #writes = new Map<string, CollectedWrite>();
  #over = false;

  constructor(values: Map<string, unknown>) {
    this.#values = values;
  }

  /** What is to be written. */
  get writes(): readonly CollectedWrite[] {
    return [...this.#writes.values()];
  }

  /** @throws SemelError `not-interactive` for a key that this transaction writes */
  get(key: string): unknown {
    this.#check();
    if (this.#writes.has(key)) throw new SemelError('not-interactive', `${key} is written by this transaction and was read in it; keep what you wrote in a variable`);
    return this.#values.get(key);
  }

  /** Where the condition does not hold at the commit, the work fails with SemelError `condition-failed`. */
  put(key: string, value: unknown, condition?: PutCondition): void {
    this.#collect(key, () => this.#values.set(key, value), condition);
  }

  delete(key: string): void {
    this.#collect(key, () => this.#values.delete(key));
  }

  /** Ends it: from now on every use is refused. */
  revoke(): void {
    this.#over = true;
  }

  #collect(key: string, apply: () => void, condition?: PutCondition): void {
    this.#check();
    this.#writes.set(key, { what: 'effect', weight: 1, touches: [`effect ${key}`], refusal: () => this.#refusal(key, condition), apply });
  }

  #refusal(key: string, condition: PutCondition | undefined): Refusal | undefined {
    if (condition === undefined) return undefined;
    const holds = 'absent' in condition ? !this.#values.has(key) : Object.is(this.#values.get(key), condition.equals);
    return holds ? undefined : { kind: 'failed', error: new SemelError('condition-failed', `the condition on ${key} did not hold at the commit`, { details: { key } }) };
  }

  #check(): void {
    if (this.#over) throw transactionOver();
  }
}
