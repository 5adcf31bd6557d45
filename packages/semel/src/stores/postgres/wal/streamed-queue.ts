import type { Delivery } from '../../../core/delivery.ts';
import type { ItemReceipt, Queue } from '../../../core/store.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import { type Body, leaseNext } from '../queue.ts';
import type { OpenCommit } from './confirmation.ts';
import { isVisible } from './snapshot.ts';
import type { StreamedRow, WalStream } from './wal-stream.ts';

/** The most that waits in memory; beyond it the table keeps it. */
const MOST = { messages: 10_000, characters: 32 * 1024 ** 2 } as const;
/** How often the table is looked at for what no insert told of: a retry, a delayed message, a redrive. */
const LOOK_MS = 500;

/** A message that the log has brought, and that was not leased yet. */
interface Streamed {
  readonly body: Body;
  readonly commit: OpenCommit;
  readonly release: () => void;
  /** Whoever leases now sees its row. */
  visible: boolean;
}

/**
 * A route's queue whose messages the log brings. What may be sent, and in which order, the table says, as in every mode; but it is asked when there is
 * something, and for no message that is here already.
 */
export class StreamedQueue implements Queue {
  readonly #database: PostgresDatabase;
  readonly #queue: Queue;
  readonly #stream: WalStream;
  readonly #topic: string;
  /** By number, in the order of the log. */
  readonly #waiting = new Map<number, Streamed>();
  #characters = 0;
  /** What keeps the log open until the messages are settled, by number. */
  readonly #inHand = new Map<number, () => void>();
  #lookAtMs = 0;

  constructor(database: PostgresDatabase, queue: Queue, stream: WalStream, topic: string) {
    this.#database = database;
    this.#queue = queue;
    this.#stream = stream;
    this.#topic = topic;
  }

  async lease(name: string, options: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean }): Promise<readonly Delivery[]> {
    if (this.#rests()) return [];
    const offered = new Map([...this.#waiting].slice(0, options.max));
    const deliveries = await leaseNext(this.#database, name, { ...options, bodies: new Map([...offered].map(([seq, { body }]) => [seq, body])) });
    for (const { receipt } of deliveries) if (receipt.kind === 'item') this.#hand(receipt.item);
    if (deliveries.length === options.max) return deliveries; // there is more
    await this.#passOver([...offered].filter(([seq]) => this.#waiting.has(seq)));
    this.#lookAtMs = this.#now() + LOOK_MS;
    return deliveries;
  }

  extend(name: string, items: readonly ItemReceipt[], leaseMs: number): Promise<readonly ItemReceipt[]> {
    return this.#queue.extend(name, items, leaseMs);
  }

  release(name: string, items: readonly ItemReceipt[]): Promise<void> {
    return this.#queue.release(name, items);
  }

  async nextDueMs(name: string): Promise<number | undefined> {
    if (this.#waiting.size > 0) return this.#now();
    if (this.#rests()) return this.#lookAtMs;
    const dueMs = await this.#queue.nextDueMs(name);
    this.#lookAtMs = Math.min(dueMs ?? Number.POSITIVE_INFINITY, this.#now() + LOOK_MS);
    return dueMs;
  }

  watch(wake: () => void): () => void {
    const ends = [
      this.#stream.listen({ topic: this.#topic, arrived: (row, commit) => this.#arrived(row, commit), committed: wake }),
      this.#stream.onMove(() => this.#forgetAll()),
      this.#queue.watch(() => this.#isHere() || wake()),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** What was leased is through, one way or another: the log need not bring it again. */
  settled(items: readonly ItemReceipt[]): void {
    for (const { item } of items) {
      this.#inHand.get(item)?.();
      this.#inHand.delete(item);
    }
    this.#stream.confirm();
  }

  #arrived(row: StreamedRow, commit: OpenCommit): void {
    if (row['parked'] || row['due_at_ms'] !== null) return; // not published yet
    const body = row as unknown as Body;
    if (this.#waiting.size >= MOST.messages || this.#characters > MOST.characters) this.#forgetAll();
    this.#waiting.set(Number(row['seq']), { body, commit, release: commit.hold(), visible: false });
    this.#characters += body.data.length;
  }

  /** What could be seen and was not to be had is gone, or waits for something: then the table tells. */
  async #passOver(left: readonly (readonly [number, Streamed])[]): Promise<void> {
    for (const [seq, streamed] of left) if (streamed.visible) this.#forget(seq, streamed);
    if (left.every(([, { visible }]) => visible)) return;
    const row = await this.#database.pool.get<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
    for (const [, streamed] of left) streamed.visible = isVisible(row?.snapshot ?? '', streamed.commit.xid);
  }

  #hand(seq: number): void {
    const streamed = this.#waiting.get(seq);
    if (streamed === undefined) return;
    this.#take(seq, streamed);
    this.#inHand.set(seq, streamed.release);
  }

  #forgetAll(): void {
    for (const [seq, streamed] of this.#waiting) this.#forget(seq, streamed);
    this.#lookAtMs = 0;
  }

  #forget(seq: number, streamed: Streamed): void {
    this.#take(seq, streamed);
    streamed.release();
  }

  #take(seq: number, { body }: Streamed): void {
    this.#waiting.delete(seq);
    this.#characters -= body.data.length;
  }

  /** Nothing has come, and the last look at the table was not long ago. */
  #rests(): boolean {
    return this.#isHere() && this.#waiting.size === 0 && this.#now() < this.#lookAtMs;
  }

  #isHere(): boolean {
    return this.#stream.whereabouts === 'here';
  }

  #now(): number {
    return this.#database.context.runtime.clock.now();
  }
}
