import type { Delivery } from '../../../core/delivery.ts';
import type { ItemReceipt, Queue } from '../../../core/store.ts';
import type { Settled } from '../../../core/transport.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import { type Body, leaseNext } from '../queue.ts';
import type { OpenCommit } from './confirmation.ts';
import { isVisible } from './snapshot.ts';
import type { StreamedRow, WalStream } from './wal-stream.ts';

/** The most that waits in memory; beyond it the table keeps it. */
const MOST = { messages: 10_000, characters: 32 * 1024 ** 2 } as const;
/** How often the table is looked at for what no insert tells of: a redrive, a lease that another process let run out. */
const LOOK_MS = 5_000;

/** A message that the log has brought, and that was not leased yet. */
interface Streamed {
  readonly body: Body;
  readonly commit: OpenCommit;
  /** Lets the log be confirmed, as far as this message goes. */
  readonly release: () => void;
  /** Whoever leases from now on sees its row. */
  visible: boolean;
}

/**
 * A route's queue whose messages the log brings. What may be sent, and in which order, the table says, as in every mode; but it is asked when there is
 * something, and for no message that is here already. Where another process reads the log, or none does, it is the queue as it stands in the table.
 */
export class StreamedQueue implements Queue {
  readonly #database: PostgresDatabase;
  readonly #queue: Queue;
  readonly #stream: WalStream;
  readonly #topic: string;
  /** By number, in the order of the log. */
  readonly #waiting = new Map<number, Streamed>();
  #characters = 0;
  /** What is leased, by number, with what lets the log be confirmed once it is settled. */
  readonly #inHand = new Map<number, () => void>();
  /** When the table is to be looked at although nothing has come. */
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
    if (deliveries.length === options.max) this.#lookSoon();
    else await this.#passOver(offered);
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
    this.#lookAtMs = this.#now() + LOOK_MS; // before it is asked: who finds a reason meanwhile makes it sooner
    const dueMs = await this.#queue.nextDueMs(name);
    this.#lookAtMs = Math.min(dueMs ?? Number.POSITIVE_INFINITY, this.#lookAtMs);
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

  /** What was leased has its fate in the table, whatever that is: the log need not bring it again. */
  settled(settled: readonly Settled[]): void {
    for (const { delivery } of settled) {
      if (delivery.receipt.kind !== 'item') continue;
      this.#inHand.get(delivery.receipt.item)?.();
      this.#inHand.delete(delivery.receipt.item);
    }
    this.#stream.confirm();
    if (settled.some(({ outcome }) => outcome.kind !== 'done')) this.#lookSoon();
  }

  #arrived(row: StreamedRow, commit: OpenCommit): void {
    if (row['parked']) return; // not published yet
    const { source, id, topic, type, key, time, headers, data, fingerprint } = row as unknown as Body;
    const seq = Number(row['seq']);
    if (this.#inHand.has(seq)) return void this.#inHand.set(seq, commit.hold());
    if (this.#waiting.size >= MOST.messages || this.#characters > MOST.characters) this.#forgetAll();
    this.#waiting.set(seq, { body: { source, id, topic, type, key, time, headers, data, fingerprint }, commit, release: commit.hold(), visible: false });
    this.#characters += data.length;
  }

  /** What could be seen and was not to be had is gone, or waits for something: then the table tells. The log may be a moment ahead of what anybody sees. */
  async #passOver(offered: ReadonlyMap<number, Streamed>): Promise<void> {
    const left = [...offered].filter(([seq, streamed]) => this.#waiting.get(seq) === streamed);
    if (left.length === 0) return;
    for (const [seq, streamed] of left) if (streamed.visible) this.#forget(seq, streamed);
    this.#lookSoon();
    if (left.every(([, { visible }]) => visible)) return;
    const row = await this.#database.pool.get<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
    for (const [, streamed] of left) streamed.visible = isVisible(row?.snapshot ?? '', streamed.commit.xid);
  }

  #hand(seq: number): void {
    const streamed = this.#waiting.get(seq);
    if (streamed !== undefined) this.#take(seq, streamed);
    this.#inHand.set(seq, streamed?.release ?? (() => {}));
  }

  #forgetAll(): void {
    for (const [seq, streamed] of this.#waiting) this.#forget(seq, streamed);
    this.#lookSoon();
  }

  #forget(seq: number, streamed: Streamed): void {
    this.#take(seq, streamed);
    streamed.release();
  }

  #take(seq: number, { body }: Streamed): void {
    this.#waiting.delete(seq);
    this.#characters -= body.data.length;
  }

  #lookSoon(): void {
    this.#lookAtMs = 0;
  }

  /** Nothing has come, and nothing is known to be due in the table. */
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
