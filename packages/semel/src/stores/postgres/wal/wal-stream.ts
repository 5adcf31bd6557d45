import { SemelError } from '../../../core/errors.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import { stateOf, translateOwn } from '../postgres-errors.ts';
import type { OpenCommit } from './confirmation.ts';
import type { Lsn } from './lsn.ts';
import { publicationName } from './publication.ts';
import type { ReplicationClient, ReplicationModule } from './replication.ts';
import { ensureSlot } from './slot.ts';
import { SlotReader } from './slot-reader.ts';
import { SLOT_NAME, slotState } from './slot-state.ts';
import { watchSlot } from './slot-watch.ts';

/** `here`: this process reads the slot. `elsewhere`: another does. `nowhere`: nobody does, for all that is known. */
export type Whereabouts = 'here' | 'elsewhere' | 'nowhere';

/** A row of the outbox as the log tells it. */
export type StreamedRow = Readonly<Record<string, unknown>>;

/** Who waits for messages of a topic. */
export interface Listener {
  readonly topic: string;
  arrived(row: StreamedRow, commit: OpenCommit): void;
  /** All of a transaction has arrived. */
  committed(): void;
}

/** How often a process that does not have the slot looks whether it is free. */
const STAND_BY_MS = 1_000;
/** How long to wait before the next connection, at first and at most. */
const RETRY_MS = { first: 100, most: 10_000 } as const;

/**
 * The outbox's inserts, as the log tells them, to whoever waits for them in this process. One process has the slot; the others look whether it
 * has become free. The slot is made where there is none, and made anew where it was lost: nothing depends on it, for the queue has every message.
 */
export class WalStream {
  readonly #database: PostgresDatabase;
  readonly #module: ReplicationModule;
  readonly #connection: unknown;
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<() => void>();
  #whereabouts: Whereabouts = 'nowhere';
  #reader: SlotReader | undefined;
  #stop: AbortController | undefined;
  #over: Promise<void> = Promise.resolve();
  /** This process has read the slot before. */
  #known = false;
  /** The slot cannot be read any more, whatever it looks like. */
  #useless = false;
  #retryMs: number = RETRY_MS.first;

  constructor(database: PostgresDatabase, module: ReplicationModule, connection: unknown) {
    this.#database = database;
    this.#module = module;
    this.#connection = connection;
  }

  /** Who reads the slot. */
  get whereabouts(): Whereabouts {
    return this.#whereabouts;
  }

  /** Adds a listener; the returned function removes it. The slot is read only while there is one. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#stop === undefined) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) void this.close();
    };
  }

  /** Calls back whenever {@link whereabouts} has changed; the returned function ends that. */
  onMove(moved: () => void): () => void {
    this.#watchers.add(moved);
    return () => this.#watchers.delete(moved);
  }

  /** Tells the server what is through by now. */
  confirm(): void {
    this.#reader?.confirm();
  }

  /** Lets go of the slot. */
  async close(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#reader?.close();
    await this.#over;
  }

  #start(): void {
    const stop = new AbortController();
    this.#stop = stop;
    this.#over = this.#over.then(() => this.#run(stop.signal));
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { scheduler } = this.#database.context.runtime;
    while (!signal.aborted) {
      try {
        const slot = await this.#freeSlot();
        if (signal.aborted) break;
        if (slot === undefined) await scheduler.sleep(STAND_BY_MS, signal);
        else await this.#read(slot);
      } catch (error) {
        if (signal.aborted) break;
        await this.#afterTrouble(error, signal);
      }
    }
    this.#become('nowhere');
  }

  /** The slot's name, unless another process reads it. */
  async #freeSlot(): Promise<string | undefined> {
    const { pool } = this.#database;
    const active = (await slotState(pool))?.active ?? false;
    this.#become(active ? 'elsewhere' : 'nowhere');
    return active ? undefined : (await pool.get<{ slot: string }>(`select ${SLOT_NAME} as slot`))?.slot;
  }

  async #read(slot: string): Promise<void> {
    const address = { module: this.#module, connection: this.#connection, slot, publication: publicationName(this.#database.settings.schema) };
    const { runtime } = this.#database.context;
    let unwatch = () => {};
    const reader = new SlotReader(
      address,
      {
        connected: (client) => this.#connected(client, slot),
        started: () => {
          this.#known = true;
          unwatch = watchSlot(this.#database.pool, runtime.scheduler, { behind: (error) => void this.#tell(error), unreachable: (error) => reader.close(error) });
          this.#become('here');
        },
        inserted: (row, commit) => this.#inserted(row, commit),
        committed: () => this.#committed(),
      },
      runtime,
    );
    this.#reader = reader;
    try {
      await reader.read();
    } finally {
      this.#reader = undefined;
      unwatch();
      this.#become('nowhere');
    }
  }

  async #connected(client: ReplicationClient, slot: string): Promise<Lsn> {
    const { fate, lsn } = await ensureSlot(client, slot, this.#useless);
    this.#useless = false;
    if (fate === 'replaced' || (fate === 'made' && this.#known)) await this.#tell(lost(slot));
    return lsn;
  }

  #inserted(row: StreamedRow, commit: OpenCommit): void {
    for (const listener of this.#listeners) if (listener.topic === row['topic']) listener.arrived(row, commit);
  }

  #committed(): void {
    this.#retryMs = RETRY_MS.first;
    for (const listener of this.#listeners) listener.committed();
  }

  #become(whereabouts: Whereabouts): void {
    if (this.#whereabouts === whereabouts) return;
    this.#whereabouts = whereabouts;
    for (const moved of this.#watchers) moved();
  }

  async #afterTrouble(error: unknown, signal: AbortSignal): Promise<void> {
    const state = stateOf(error) ?? '';
    if (RIVAL.has(state)) return;
    this.#useless ||= USELESS.has(state);
    const afterMs = this.#retryMs;
    this.#retryMs = Math.min(afterMs * 2, RETRY_MS.most);
    await this.#tell(translateOwn(error), afterMs);
    await this.#database.context.runtime.scheduler.sleep(afterMs, signal);
  }

  async #tell(error: unknown, afterMs?: number): Promise<void> {
    await this.#database.context.lifecycle.emit({ type: 'trouble', error, ...(afterMs === undefined ? {} : { afterMs }) });
  }
}

/** Another process was faster. */
const RIVAL: ReadonlySet<string> = new Set(['55006', '42710']);

/** A slot that a server refuses to read on: its log was removed, or it begins before the publication was made. */
const USELESS: ReadonlySet<string> = new Set(['55000', '58P01', '42704']);

function lost(slot: string): SemelError {
  return new SemelError('slot-lost', `the replication slot ${slot} was lost; what it did not bring is relayed from the table, and a new one was made`, { details: { slot } });
}
