import { commitGroup } from './commit-group.ts';
import type { Receipt } from './delivery.ts';
import { type ErrorCode, SemelError } from './errors.ts';
import { Lifecycle } from './lifecycle.ts';
import type { SealedMessage } from './message.ts';
import { systemRuntime } from './runtime.ts';
import type { Entry, ItemState, OpenScope, Session, StageMode } from './session.ts';
import type { CommitOptions, Scope, Settlement, Verdict, Work, WorkItem } from './store.ts';

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

  open(mode: StageMode): OpenScope<Tx> {
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

const failure = { atMs: 0, attempt: 1, code: 'Error', message: 'failed' };

/** What becomes of every failure. */
export const RETRY: Settlement = { kind: 'retry', afterMs: 10, failure, counted: true, park: false };

/** A message that a transport brought, with its claim. */
export function itemOf(id: string, key?: string, receipt: Receipt = { kind: 'external' }): WorkItem {
  const message = { topic: 'orders', source: 'shop/orders', id, type: 'orders', time: '2026-01-01T00:00:00Z', data: null, headers: {}, ...(key === undefined ? {} : { key }) };
  return { delivery: { topic: 'orders', content: { message }, receipt, attempt: 1 }, receipt, message, claim: { fingerprint: 'f' } };
}

/** A group over an {@link ArraySession}. */
export interface Bench {
  readonly session: ArraySession;
  readonly lifecycle: Lifecycle;
  /** Ids in the order in which their handlers were called. */
  readonly ran: string[];
  /** A work of one message, which writes its id, then does what it is told. */
  work(id: string, run?: (scope: Scope<Tx>) => unknown, key?: string): Work<Tx>;
  commit(works: readonly Work<Tx>[], options?: Partial<CommitOptions>): Promise<readonly Verdict[]>;
}

/** Makes one. */
export function bench(): Bench {
  const session = new ArraySession();
  const lifecycle = new Lifecycle();
  const ran: string[] = [];
  return {
    session,
    lifecycle,
    ran,
    work: (id, run = () => {}, key) => ({
      items: [itemOf(id, key)],
      run: async (scope) => {
        ran.push(id);
        scope.tx.push(id);
        await run(scope);
        return [{ ok: true }];
      },
    }),
    commit: (works, options = {}) => commitGroup(session, works, { subscription: 'c', unit: 'u', onFailure: () => RETRY, ...options }, { runtime: systemRuntime, lifecycle }),
  };
}

/** A business transaction: no message, no verdict. */
export const businessWork: Work<Tx> = {
  items: [],
  run: async ({ tx }) => {
    tx.push('business');
    return [];
  },
};

/** What became of each item. */
export const kinds = (verdicts: readonly Verdict[]): readonly string[] => verdicts.map((verdict) => verdict.kind);
/** A handler, or a hook of the session, that fails. */
export const throws =
  (error: unknown): (() => never) =>
  () => {
    throw error;
  };

/** A message to stage. */
export const sealed = (json: string): SealedMessage => ({ message: {} as never, json, fingerprint: json });
