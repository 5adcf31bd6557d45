import { SemelError } from '../../core/errors.ts';
import { identityKey, type SealedMessage } from '../../core/message.ts';
import type { Entry, ItemState, OpenScope, Session } from '../../core/session.ts';
import type { CommitOptions, StoreContext, WorkItem } from '../../core/store.ts';
import type { MemoryFaults } from './memory-faults.ts';
import { inspectItems } from './memory-inspect.ts';
import { type Mark, MemoryLog } from './memory-log.ts';
import { advancePartitions, settleEntry } from './memory-settle.ts';
import type { MemoryState } from './memory-state.ts';
import { MemoryTransaction, transactionOver } from './memory-transaction.ts';

/** One transaction on a {@link MemoryState}; its caller holds the writer's lock. */
export class MemorySession implements Session<MemoryTransaction> {
  readonly #state: MemoryState;
  readonly #options: CommitOptions;
  readonly #context: StoreContext;
  readonly #faults: MemoryFaults;
  readonly #log = new MemoryLog();
  #unit = '';
  #inspected: readonly WorkItem[] = [];
  #marks: Mark[] = [];
  readonly #opened: MemoryTransaction[] = [];
  #ended: SemelError | undefined;

  constructor(state: MemoryState, options: CommitOptions, context: StoreContext, faults: MemoryFaults) {
    this.#state = state;
    this.#options = options;
    this.#context = context;
    this.#faults = faults;
  }

  async begin(unit: string): Promise<void> {
    this.#check();
    this.#unit = unit;
    this.#marks = [];
  }

  async inspect(items: readonly WorkItem[]): Promise<readonly ItemState[]> {
    this.#check();
    this.#inspected = items;
    return inspectItems(this.#state, this.#options.subscription ?? '', items);
  }

  open(): OpenScope<MemoryTransaction> {
    const tx = new MemoryTransaction(this.#state.values, this.#log);
    if (this.#ended === undefined) this.#opened.push(tx);
    else tx.revoke();
    let over = false;
    return {
      tx,
      stage: async (sealed, options) => {
        if (over) throw transactionOver();
        this.#check();
        this.#stage(sealed, options?.notBeforeMs ?? 0);
      },
      revoke: () => {
        over = true;
        tx.revoke();
      },
      verify: () => this.#check(),
    };
  }

  async savepoint(): Promise<void> {
    this.#marks.push(this.#log.mark());
  }

  async releaseSavepoint(): Promise<void> {
    this.#marks.pop();
  }

  async rollbackToSavepoint(): Promise<void> {
    const mark = this.#marks.pop();
    if (mark !== undefined && this.#ended === undefined) this.#log.rollbackTo(mark);
  }

  /** Nothing waits: each message was written when it was staged. */
  async flush(): Promise<void> {}

  async settle(entries: readonly Entry[]): Promise<void> {
    this.#check();
    const nowMs = this.#context.runtime.clock.now();
    const { subscription = '' } = this.#options;
    const passed = new Set<WorkItem>();
    for (const entry of entries) {
      this.#log.atCommit(() => {
        if (settleEntry(this.#state, subscription, entry, nowMs)) passed.add(entry.item);
      });
    }
    const inspected = this.#inspected;
    this.#log.atCommit(() => advancePartitions(this.#state, subscription, inspected, passed));
  }

  async commit(): Promise<void> {
    this.#check();
    const unit = this.#unit;
    const fault = this.#faults.commit?.(unit);
    if (fault instanceof Error) throw fault;
    if (fault === 'lose-request') throw replyLost(unit);
    this.#log.commit();
    this.#state.units.set(unit, this.#context.runtime.clock.now());
    if (fault === 'lose-reply') throw replyLost(unit);
  }

  async rollback(): Promise<void> {
    if (this.#ended === undefined) this.#log.rollback();
  }

  /** Undoes it, as the database does when its client has died or its connection is lost; from now on every step is refused with `error`. */
  end(error: SemelError): void {
    this.#log.rollback();
    for (const tx of this.#opened) tx.revoke();
    this.#ended = error;
  }

  #stage(sealed: SealedMessage, notBeforeMs: number): void {
    if (this.#state.knows(sealed)) return;
    const nowMs = this.#context.runtime.clock.now();
    const stored = this.#state.keep(sealed, notBeforeMs, nowMs);
    this.#log.wrote(() => this.#state.messages.delete(identityKey(sealed.message)));
    this.#log.atCommit(() => this.#state.fanOut(stored, nowMs));
  }

  #check(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}

function replyLost(unit: string): SemelError {
  return new SemelError('commit-unknown', `no reply came to the commit of unit ${unit}`, { details: { unit } });
}
