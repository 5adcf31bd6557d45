import { SemelError } from '../../core/errors.ts';
import { checkOptions, positiveInteger } from '../../core/options.ts';
import type { CommitOptions, Store, StoreCapabilities, StoreContext, Verdict, Work } from '../../core/store.ts';
import { CollectingCommit } from './collecting-commit.ts';
import type { CollectingTransaction } from './collecting-transaction.ts';
import { memoryAccess } from './memory-access.ts';
import { memoryDeadLetters } from './memory-dead-letters.ts';
import { memoryInbox } from './memory-inbox.ts';
import { memoryLeases } from './memory-leases.ts';
import { memoryPrune } from './memory-prune.ts';
import { memoryRegistry } from './memory-registry.ts';
import { MemoryState } from './memory-state.ts';

/** Options of {@link collecting}. */
export interface CollectingOptions {
  /** The most writes that one transaction carries. @default 25 */
  readonly maxWritesPerTransaction?: number;
  /** The data to work on; stores that share it are workers on one database. @default data of its own */
  readonly state?: MemoryState;
}

/** A store in this process's memory that cannot answer a read in a transaction. */
export interface CollectingStore extends Store<CollectingTransaction> {
  /** The data, to be shared with another store. */
  readonly state: MemoryState;
}

/**
 * A model of databases without interactive transactions: the writes of a handler are gathered, packed into transactions of limited
 * size, and judged at their commit by their conditions.
 *
 * @example
 * const semel = createSemel({ name: 'shop', store: collecting({ maxWritesPerTransaction: 100 }) });
 */
export function collecting(options: CollectingOptions = {}): CollectingStore {
  checkOptions('collecting()', options, ['maxWritesPerTransaction', 'state']);
  const max = positiveInteger('collecting()', 'maxWritesPerTransaction', options.maxWritesPerTransaction ?? 25);
  return new Collecting(options.state ?? new MemoryState(), max);
}

class Collecting implements CollectingStore {
  readonly name = 'collecting';
  readonly capabilities: StoreCapabilities;
  readonly state: MemoryState;
  readonly prune: CollectingStore['prune'];
  readonly inbox: CollectingStore['inbox'];
  readonly registry: CollectingStore['registry'];
  readonly deadLetters: CollectingStore['deadLetters'];
  readonly queue: NonNullable<CollectingStore['queue']>;
  readonly #max: number;
  #context: StoreContext | undefined;
  #closed = false;
  readonly #running = new Set<Promise<unknown>>();

  constructor(state: MemoryState, max: number) {
    const access = memoryAccess(state, () => this.#open().runtime.clock.now());
    this.state = state;
    this.#max = max;
    this.capabilities = Object.freeze({
      transactions: 'collected',
      durable: false,
      shared: false,
      enlist: false,
      inbox: true,
      queue: true,
      positions: false,
      journal: false,
      replays: false,
      maxWritesPerTransaction: max,
    });
    this.prune = memoryPrune(access);
    this.inbox = memoryInbox(access);
    this.registry = memoryRegistry(access);
    this.deadLetters = memoryDeadLetters(access);
    this.queue = memoryLeases(access);
  }

  async open(context: StoreContext): Promise<void> {
    this.#context = context;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  async commit(works: readonly Work<CollectingTransaction>[], options: CommitOptions): Promise<readonly Verdict[]> {
    const context = this.#open();
    if (works.some((work) => work.items.some((item) => item.receipt.kind === 'position'))) throw noPositions();
    const running = new CollectingCommit(this.state, options, context, this.#max).make(works);
    this.#running.add(running);
    try {
      const verdicts = await running;
      this.state.units.set(options.unit, context.runtime.clock.now());
      return verdicts;
    } finally {
      this.#running.delete(running);
    }
  }

  async resolve(unit: string): Promise<'committed' | 'aborted' | 'unknown'> {
    return this.state.units.has(unit) ? 'committed' : 'aborted';
  }

  #open(): StoreContext {
    if (this.#closed) throw new SemelError('store-closed', 'the collecting store was closed');
    if (this.#context === undefined) throw new SemelError('not-running', 'the collecting store was not opened');
    return this.#context;
  }
}

function noPositions(): SemelError {
  return new SemelError('capability-missing', 'the collecting store keeps no positions: it cannot take deliveries that are settled by position', {
    details: { store: 'collecting', capability: 'positions' },
  });
}
