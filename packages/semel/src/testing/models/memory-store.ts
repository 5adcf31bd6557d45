import { commitGroup } from '../../core/commit-group.ts';
import { SemelError } from '../../core/errors.ts';
import { checkOptions } from '../../core/options.ts';
import type { CommitOptions, Store, StoreCapabilities, StoreContext, Verdict, Work } from '../../core/store.ts';
import { memoryAccess } from './memory-access.ts';
import { memoryDeadLetters } from './memory-dead-letters.ts';
import type { MemoryFaults } from './memory-faults.ts';
import { memoryInbox } from './memory-inbox.ts';
import { memoryLeases } from './memory-leases.ts';
import { memoryPositions } from './memory-positions.ts';
import { memoryPrune } from './memory-prune.ts';
import { memoryRegistry } from './memory-registry.ts';
import { memoryReplays } from './memory-replays.ts';
import { MemorySession } from './memory-session.ts';
import { MemoryState } from './memory-state.ts';
import type { MemoryTransaction } from './memory-transaction.ts';

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** The data to work on; stores that share it are workers on one database. @default data of its own */
  readonly state?: MemoryState;
  /** What goes wrong. @default nothing */
  readonly faults?: MemoryFaults;
}

/** A store in this process's memory. */
export interface MemoryStore extends Store<MemoryTransaction> {
  /** The data, to be shared with another store. */
  readonly state: MemoryState;
  /** What handlers have written and committed. Waits for a transaction that is under way. */
  values(): Promise<ReadonlyMap<string, unknown>>;
  /** Ends this instance as the death of its process would: what is not committed is undone, leases run on, and every later use is refused with `store-closed`. */
  crash(): void;
  /** Loses the connection of the transaction that is under way: it is undone, and its next step rejects with `store-unavailable`. The store itself works on. */
  cut(): void;
}

const CAPABILITIES: StoreCapabilities = Object.freeze({
  transactions: 'interactive',
  durable: false,
  shared: false,
  enlist: false,
  inbox: true,
  queue: true,
  positions: true,
  journal: false,
  replays: true,
});

/**
 * A store that keeps everything in memory: the engine's semantics without a database. For tests, the prover and measurements.
 *
 * @example
 * const semel = createSemel({ name: 'shop', store: memory() });
 */
export function memory(options: MemoryOptions = {}): MemoryStore {
  checkOptions('memory()', options, ['state', 'faults']);
  return new InMemory(options.state ?? new MemoryState(), options.faults ?? {});
}

class InMemory implements MemoryStore {
  readonly name = 'memory';
  readonly capabilities = CAPABILITIES;
  readonly state: MemoryState;
  readonly prune: MemoryStore['prune'];
  readonly inbox: MemoryStore['inbox'];
  readonly registry: MemoryStore['registry'];
  readonly deadLetters: MemoryStore['deadLetters'];
  readonly queue: NonNullable<MemoryStore['queue']>;
  readonly positions: NonNullable<MemoryStore['positions']>;
  readonly replays: NonNullable<MemoryStore['replays']>;
  readonly #faults: MemoryFaults;
  #context: StoreContext | undefined;
  #ended = false;
  #running: { readonly session: MemorySession; readonly unlock: () => void } | undefined;

  constructor(state: MemoryState, faults: MemoryFaults) {
    const access = memoryAccess(state, () => this.#open().runtime.clock.now());
    this.state = state;
    this.#faults = faults;
    this.prune = memoryPrune(access);
    this.inbox = memoryInbox(access);
    this.registry = memoryRegistry(access);
    this.deadLetters = memoryDeadLetters(access);
    this.queue = memoryLeases(access);
    this.positions = memoryPositions(access);
    this.replays = memoryReplays(access);
  }

  async open(context: StoreContext): Promise<void> {
    this.#context = context;
  }

  async close(): Promise<void> {
    await this.state.lock.run(() => {
      this.#ended = true;
    });
  }

  async commit(works: readonly Work<MemoryTransaction>[], options: CommitOptions): Promise<readonly Verdict[]> {
    const context = this.#open();
    const unlock = await this.state.lock.acquire();
    try {
      this.#open();
      const session = new MemorySession(this.state, options, context, this.#faults);
      const running = { session, unlock };
      this.#running = running;
      try {
        return await commitGroup(session, works, options, context);
      } finally {
        if (this.#running === running) this.#running = undefined;
      }
    } finally {
      unlock();
    }
  }

  async resolve(unit: string): Promise<'committed' | 'aborted' | 'unknown'> {
    if (this.#faults.resolve?.(unit)) return 'unknown';
    return this.state.lock.run(() => (this.state.units.has(unit) ? 'committed' : 'aborted'));
  }

  values(): Promise<ReadonlyMap<string, unknown>> {
    return this.state.lock.run(() => new Map(this.state.values));
  }

  crash(): void {
    this.#ended = true;
    this.#end(new SemelError('store-closed', 'this store instance was ended in mid-transaction'));
  }

  cut(): void {
    this.#end(new SemelError('store-unavailable', 'the connection was lost in mid-transaction'));
  }

  #end(error: SemelError): void {
    const running = this.#running;
    this.#running = undefined;
    running?.session.end(error);
    running?.unlock();
  }

  #open(): StoreContext {
    if (this.#ended) throw new SemelError('store-closed', 'the memory store was closed');
    if (this.#context === undefined) throw new SemelError('not-running', 'the memory store was not opened');
    return this.#context;
  }
}
