import type { CommitOptions, Positions, Queue, Store, StoreContext, Verdict, Work, WorkItem } from '../../core/store.ts';
import type { CommitFault } from '../../testing/models/memory-faults.ts';
import type { MemoryState } from '../../testing/models/memory-state.ts';
import { type MemoryStore, memory } from '../../testing/models/memory-store.ts';
import type { MemoryTransaction } from '../../testing/models/memory-transaction.ts';
import { SHARED } from '../explorer/footprint.ts';
import type { Party, Surroundings } from './surroundings.ts';

/** What goes wrong with a commit: see `MemoryFaults`. `lose-fate`: its reply is lost, and for a while nobody can tell what became of it. */
export type StoreFault = 'lose-reply' | 'lose-request' | 'lose-fate';

/** Who has what: the newest fence of each row, the newest epoch of each partition. Kept beside the store, so that it does not have to be believed. */
export class Ownership {
  readonly #fences = new Map<number, number>();
  readonly #epochs = new Map<string, number>();

  leased(item: number, fence: number): void {
    this.#fences.set(item, fence);
  }

  acquired(partition: string, epoch: number): void {
    this.#epochs.set(partition, epoch);
  }

  isStale({ receipt }: WorkItem): boolean {
    if (receipt.kind === 'item') return this.#fences.get(receipt.item) !== receipt.fence;
    return receipt.kind === 'position' && this.#epochs.get(receipt.partition) !== receipt.epoch;
  }
}

interface Call {
  readonly items: readonly WorkItem[];
  readonly stale: Set<WorkItem>;
}

/** How often the fate of a unit stays unknown after `lose-fate`: more often than the engine asks. */
const BLIND_LOOKUPS = 6;

/** One worker's connection to a database that it shares with others, in memory and on virtual time. Says what it touches, and fails when it is told to. */
export class SimulatedStore implements Store<MemoryTransaction> {
  readonly name = 'simulated';
  readonly capabilities: MemoryStore['capabilities'];
  readonly inbox: MemoryStore['inbox'];
  readonly registry: MemoryStore['registry'];
  readonly deadLetters: MemoryStore['deadLetters'];
  readonly prune: MemoryStore['prune'];
  readonly queue: Queue;
  readonly positions: Positions;
  /** What goes wrong with the next commit. */
  nextFault: StoreFault | undefined;
  readonly #inner: MemoryStore;
  readonly #party: Party;
  readonly #around: Surroundings;
  readonly #ownership: Ownership;
  readonly #calls = new Map<string, Call>();
  readonly #blind = new Map<string, number>();
  readonly #wakes = new Set<() => void>();

  constructor(state: MemoryState, party: Party, around: Surroundings, ownership: Ownership) {
    const inner = memory({ state, faults: { commit: (unit) => this.#atCommit(unit), resolve: (unit) => this.#isBlind(unit) } });
    this.#inner = around.recorded?.(inner, party.label) ?? inner;
    this.#party = party;
    this.#around = around;
    this.#ownership = ownership;
    this.capabilities = this.#inner.capabilities;
    this.inbox = this.#inner.inbox;
    this.registry = this.#inner.registry;
    this.deadLetters = this.#inner.deadLetters;
    this.prune = this.#inner.prune;
    this.queue = this.#queue(this.#inner.queue as Queue);
    this.positions = this.#positions(this.#inner.positions as Positions);
  }

  open(context: StoreContext): Promise<void> {
    return this.#inner.open(context);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async commit(works: readonly Work<MemoryTransaction>[], options: CommitOptions): Promise<readonly Verdict[]> {
    const call: Call = { items: works.flatMap((work) => work.items), stale: new Set() };
    this.#calls.set(options.unit, call);
    try {
      const verdicts = await this.#writing(() => this.#inner.commit(works, options));
      this.#noteCommitted(call, verdicts);
      return verdicts;
    } finally {
      this.#calls.delete(options.unit);
    }
  }

  resolve(unit: string): Promise<'committed' | 'aborted' | 'unknown'> {
    return this.#writing(() => this.#inner.resolve(unit));
  }

  /** As the death of its process. */
  crash(): void {
    this.#writes();
    this.#inner.crash();
  }

  /** Loses the connection of the transaction that is under way. */
  cut(): void {
    this.#writes();
    this.#inner.cut();
  }

  /** What became ready while its process was frozen is told when it is not any more. */
  wakeUp(): void {
    for (const wake of this.#wakes) wake();
  }

  #writes(): void {
    this.#around.write(SHARED.store | this.#party.bit);
  }

  /** A call that is a step when it begins, and one when its answer comes. */
  async #writing<T>(call: () => Promise<T>): Promise<T> {
    this.#writes();
    try {
      return await call();
    } finally {
      this.#writes();
    }
  }

  /** A half of a group is a unit of its own, named after the whole. */
  #atCommit(unit: string): CommitFault | undefined {
    this.#writes();
    const call = this.#calls.get(unit.split('.')[0] as string);
    for (const item of call?.items ?? []) if (this.#ownership.isStale(item)) call?.stale.add(item);
    const fault = this.nextFault;
    this.nextFault = undefined;
    if (fault !== 'lose-fate') return fault;
    this.#blind.set(unit, BLIND_LOOKUPS);
    return 'lose-reply';
  }

  #isBlind(unit: string): boolean {
    const left = this.#blind.get(unit) ?? 0;
    if (left > 0) this.#blind.set(unit, left - 1);
    return left > 0;
  }

  #noteCommitted({ items, stale }: Call, verdicts: readonly Verdict[]): void {
    for (const [index, item] of items.entries()) {
      const kind = verdicts[index]?.kind;
      if (kind === 'done' || kind === 'failed') this.#around.note(this.#party.label, { kind: 'committed', id: item.message?.id ?? '?', stale: stale.has(item) });
    }
  }

  #queue(inner: Queue): Queue {
    return {
      lease: async (subscription, options) => {
        const deliveries = await this.#writing(() => inner.lease(subscription, options));
        for (const { receipt } of deliveries) if (receipt.kind === 'item') this.#ownership.leased(receipt.item, receipt.fence);
        return deliveries;
      },
      extend: (subscription, items, leaseMs) => {
        this.#writes();
        return inner.extend(subscription, items, leaseMs);
      },
      release: (subscription, items) => this.#writing(() => inner.release(subscription, items)),
      nextDueMs: (subscription) => {
        this.#around.read(SHARED.store);
        this.#around.write(this.#party.bit);
        return inner.nextDueMs(subscription);
      },
      watch: (wake) => this.#watch(inner, wake),
    };
  }

  /** A dead process hears nothing, a frozen one later. */
  #watch(inner: Queue, wake: () => void): () => void {
    const heard = () => {
      if (this.#party.state !== 'up') return;
      this.#around.write(this.#party.bit);
      wake();
    };
    this.#wakes.add(wake);
    const unwatch = inner.watch(heard);
    return () => {
      this.#wakes.delete(wake);
      unwatch();
    };
  }

  #positions(inner: Positions): Positions {
    return {
      acquire: async (consumer, partitions) => {
        const acquired = await this.#writing(() => inner.acquire(consumer, partitions));
        for (const { partition, epoch } of acquired) this.#ownership.acquired(partition, epoch);
        return acquired;
      },
      release: (consumer, partitions) => this.#writing(() => inner.release(consumer, partitions)),
    };
  }
}
