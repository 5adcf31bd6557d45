import { type ErrorCode, SemelError } from './errors.ts';
import type { Entry, ItemState, OpenScope, Session } from './session.ts';
import type { WorkItem } from './store.ts';

/** An error of the store's, or any other, by its code. */
export const trouble = (code: ErrorCode): SemelError => new SemelError(code, code);

/** What handlers write into; a transaction's copy of it. */
export type Tx = string[];

/** A transaction over an array: it keeps records by id, undoes by copying, and can be told to fail. */
export class ArraySession implements Session<Tx> {
  rows: readonly string[] = [];
  readonly records: Set<string> = new Set();
  readonly settled: Entry[][] = [];
  readonly calls: string[] = [];
  /** The units in whose name transactions were begun. */
  readonly units: string[] = [];
  #tx: Tx | undefined;
  #mark: readonly string[] = [];
  #staged: string[] = [];
  #entries: readonly Entry[] = [];
  states: (item: WorkItem) => ItemState | undefined = () => undefined;
  onFlush: (staged: readonly string[]) => void = () => {};
  onCommit: (rows: readonly string[]) => void = () => {};
  verify: () => void = () => {};

  get isOpen(): boolean {
    return this.#tx !== undefined;
  }

  async begin(unit: string): Promise<void> {
    if (this.#tx !== undefined) throw new Error('a transaction within a transaction');
    this.calls.push('begin');
    this.units.push(unit);
    this.#tx = [...this.rows];
    this.#staged = [];
    this.#entries = [];
  }

  async inspect(items: readonly WorkItem[]): Promise<readonly ItemState[]> {
    return items.map((item) => this.states(item) ?? (item.claim && this.records.has(item.message?.id ?? '') ? { kind: 'done', fingerprint: 'f' } : { kind: 'fresh' }));
  }

  open(mode: 'deferred' | 'immediate'): OpenScope<Tx> {
    const tx = this.#tx as Tx;
    let revoked = false;
    const stage = async ({ json }: { readonly json: string }) => {
      if (revoked) throw trouble('transaction-over');
      if (mode === 'deferred') this.#staged.push(json);
      else {
        this.onFlush([json]);
        tx.push(json);
      }
    };
    const verify = () => this.verify();
    const guarded = new Proxy(tx, {
      get: (target, name) => {
        if (revoked) throw trouble('transaction-over');
        return Reflect.get(target, name);
      },
    });
    return {
      tx: guarded,
      stage,
      verify,
      revoke: () => {
        revoked = true;
      },
    };
  }

  async savepoint(): Promise<void> {
    this.calls.push('savepoint');
    this.#mark = [...(this.#tx as Tx)];
  }

  async releaseSavepoint(): Promise<void> {
    this.calls.push('release');
  }

  async rollbackToSavepoint(): Promise<void> {
    this.calls.push('rollback to');
    (this.#tx as Tx).splice(0, Number.POSITIVE_INFINITY, ...this.#mark);
  }

  async flush(): Promise<void> {
    this.onFlush(this.#staged);
    (this.#tx as Tx).push(...this.#staged);
  }

  async settle(entries: readonly Entry[]): Promise<void> {
    this.#entries = entries;
  }

  async commit(): Promise<void> {
    const tx = this.#tx as Tx;
    this.onCommit(tx.slice(this.rows.length));
    this.calls.push('commit');
    this.rows = tx;
    this.settled.push([...this.#entries]);
    for (const entry of this.#entries) if (entry.kind === 'done' && entry.recorded) this.records.add(entry.item.message?.id ?? '');
    this.#tx = undefined;
  }

  async rollback(): Promise<void> {
    this.calls.push('rollback');
    this.#tx = undefined;
  }
}
