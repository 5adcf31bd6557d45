import type { AcquiredPartition } from '../../core/acquired-partition.ts';
import { SemelError } from '../../core/errors.ts';
import type { Mutex } from '../../core/mutex.ts';
import { advancesOf, PartitionChains } from '../../core/partition-chain.ts';
import type { Entry, ItemState } from '../../core/session.ts';
import type { WorkItem } from '../../core/store.ts';
import type { SubscribeOptions } from '../../core/transport.ts';
import type { GroupOffset, GroupRecord, PartitionReader, TransactionContent } from '../../transports/kafka/kafka-client.ts';
import type { LastMessages } from './last-messages.ts';
import { noteOfText, type PartitionNote, textOfNote } from './partition-note.ts';

/** A partition in this process's hand. */
interface Held extends PartitionNote {
  /** Of the generation in which it was acquired: what is sent of it goes under that one. */
  readonly record: GroupRecord;
  readonly number: number;
  readonly epoch: number;
  readonly position: bigint;
  /** The fate of a transaction that moves it is open: its position is asked for again before anything else is made of it. */
  readonly inDoubt: boolean;
}

/** What the group has given to this member. */
interface Generation {
  readonly numbers: ReadonlySet<number>;
  readonly reader: PartitionReader;
  readonly record: GroupRecord;
}

/** Where partitions stand once a transaction has committed. */
export type Moves = ReadonlyMap<string, { readonly to: bigint; readonly failures: number }>;

/** What a ledger is made with. */
export interface LedgerParts {
  readonly from: SubscribeOptions['from'];
  readonly last: LastMessages;
  /** Held while a transaction is made: an offset that is written beside one could set back what it moves. */
  readonly mutex: Mutex;
  /** Resolves once nothing that this process began before can still commit. */
  settled(): Promise<unknown>;
}

/**
 * The positions of one consumer: the offsets of its group. The place in the group is their fence: the brokers refuse what a member of an earlier generation sends, and
 * who comes after it reads nothing while a transaction of it is open.
 */
export class GroupLedger {
  readonly last: LastMessages;
  readonly #parts: LedgerParts;
  readonly #held = new Map<string, Held>();
  #generation: Generation | undefined;
  #epoch = 0;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.last = parts.last;
  }

  /** A generation has begun, with these partitions. */
  enter(numbers: readonly number[], reader: PartitionReader): void {
    if (reader.record !== undefined) this.#generation = { numbers: new Set(numbers), reader, record: reader.record };
  }

  /** As `Positions.acquire`; leaves out what the group has given to others meanwhile, for its generation would cover a write to that. */
  acquire(partitions: readonly string[]): Promise<readonly AcquiredPartition[]> {
    return this.#parts.mutex.run(async () => {
      const generation = this.#current;
      await this.#parts.settled();
      for (const [name, { record }] of this.#held) if (record.place !== generation.record.place) this.#held.delete(name);
      const names = partitions.filter((name) => generation.numbers.has(numberOf(name)));
      const taken = await this.#read(generation, names);
      for (const [name, { number }] of taken) if (!this.#isOurs(name)) await this.last.load(number);
      const written = await generation.record.write(new Map(taken.map(([, held]) => [held.number, offsetOf(held)])));
      if (!written) throw new SemelError('store-unavailable', 'kafka: the group goes on without this member; it joins again');
      for (const [name, held] of taken) this.#held.set(name, held);
      return taken.map(([partition, { position, epoch, crashes, failures }]) => ({ partition, position: String(position), epoch, crashes, failures }));
    });
  }

  /** As `Positions.release`. Where it cannot be written, the next owner suspects more than it must. */
  release(partitions: readonly { readonly partition: string; readonly epoch: number }[]): Promise<void> {
    return this.#parts.mutex.run(async () => {
      for (const { partition, epoch } of partitions) {
        const held = this.#held.get(partition);
        if (held === undefined || held.epoch !== epoch || held.inDoubt) continue;
        const given = { ...held, inHand: false };
        this.#held.set(partition, given);
        await held.record.write(new Map([[held.number, offsetOf(given)]])).catch(() => false);
      }
    });
  }

  /** Says of each item whether it follows on what is held. */
  inspect(items: readonly WorkItem[]): readonly ItemState[] {
    const rows = [...this.#held].filter(([, { inDoubt }]) => !inDoubt).map(([partition, { epoch, position }]) => ({ partition, epoch, position: String(position) }));
    const chains = new PartitionChains(rows);
    return items.map(({ receipt }) => (receipt.kind === 'position' ? chains.follow(receipt) : undefined) ?? { kind: 'fresh' });
  }

  /** Where a transaction of these entries leaves the partitions: behind what is through, with the failed tries of what is not. */
  movesOf(items: readonly WorkItem[], entries: readonly Entry[]): Moves {
    const passed = new Set(entries.filter(isThrough).map(({ item }) => item));
    const advances = advancesOf(items, passed, (partition) => String(this.#held.get(partition)?.position ?? ''));
    const ends = new Map(advances.map(({ partition, to }) => [partition, { to: BigInt(to), failures: 0 }]));
    for (const entry of entries) {
      const { receipt, delivery } = entry.item;
      if (receipt.kind !== 'position' || isThrough(entry) || entry.kind !== 'settlement' || entry.settlement.kind !== 'retry') continue;
      const to = ends.get(receipt.partition)?.to ?? BigInt(receipt.from);
      ends.set(receipt.partition, { to, failures: entry.settlement.counted ? delivery.attempt : delivery.attempt - 1 });
    }
    return ends;
  }

  /** The offsets that a transaction sends for these moves; none where nothing moves. */
  offsetsOf(moves: Moves): TransactionContent['offsets'] {
    if (moves.size === 0) return undefined;
    const held = [...moves].map(([name, move]) => ({ ...this.#get(name), ...moved(move) }));
    return { place: (held[0] as Held).record.place, at: new Map(held.map((each) => [each.number, offsetOf(each)])) };
  }

  /** They were committed. */
  reached(moves: Moves): void {
    for (const [name, move] of moves) if (this.#held.has(name)) this.#held.set(name, { ...this.#get(name), ...moved(move), inDoubt: false });
  }

  /** Whether they were committed is not known, or not any more. */
  doubt(moves: Moves, inDoubt: boolean): void {
    for (const name of moves.keys()) if (this.#held.has(name)) this.#held.set(name, { ...this.#get(name), inDoubt });
  }

  /** The group goes on without this member. */
  evicted(): void {
    this.#held.clear();
  }

  /** Whether the group's offsets are behind these moves by now; asked once nothing of them can come any more. */
  async has(moves: Moves): Promise<boolean> {
    const found = await this.#current.record.read([...moves.keys()].map(numberOf));
    return [...moves].every(([name, { to }]) => (found.get(numberOf(name))?.offset ?? -1n) >= to);
  }

  get #current(): Generation {
    if (this.#generation === undefined) throw new SemelError('store-unavailable', 'kafka: the group was not joined yet');
    return this.#generation;
  }

  async #read({ reader, record }: Generation, names: readonly string[]): Promise<readonly (readonly [string, Held])[]> {
    const found = await record.read(names.map(numberOf));
    const { from } = this.#parts;
    const starts = found.size === names.length ? new Map<number, bigint>() : await (from === 'now' ? reader.marks() : reader.offsets(from));
    return names.map((name) => {
      const number = numberOf(name);
      const { offset = starts.get(number) ?? 0n, note = undefined } = found.get(number) ?? {};
      const { inHand, crashes, failures } = noteOfText(note);
      const died = inHand && !this.#held.has(name); // what this process has in hand itself it did not die of
      return [name, { record, number, position: offset, epoch: ++this.#epoch, inHand: true, crashes: died ? crashes + 1 : crashes, failures, inDoubt: false }] as const;
    });
  }

  /** Whether nobody else can have had it since. */
  #isOurs(name: string): boolean {
    return this.#held.get(name)?.inDoubt === false;
  }

  #get(name: string): Held {
    return this.#held.get(name) as Held;
  }
}

function isThrough(entry: Entry): boolean {
  return entry.kind === 'done' || (entry.kind === 'settlement' && entry.settlement.kind === 'dead');
}

function moved({ to, failures }: { readonly to: bigint; readonly failures: number }): Pick<Held, 'position' | 'crashes' | 'failures'> {
  return { position: to, crashes: 0, failures };
}

function offsetOf({ position, ...note }: Pick<Held, 'position' | keyof PartitionNote>): GroupOffset {
  return { offset: position, note: textOfNote(note) };
}

function numberOf(partition: string): number {
  return Number(partition.slice(partition.lastIndexOf('/') + 1));
}
