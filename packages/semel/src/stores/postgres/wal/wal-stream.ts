import { SemelError } from '../../../core/errors.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import { stateOf, translateOwn } from '../postgres-errors.ts';
import type { OpenCommit } from './confirmation.ts';
import { publicationName } from './publication.ts';
import type { ReplicationModule } from './replication.ts';
import { ensureSlot } from './slot.ts';
import { SlotReader } from './slot-reader.ts';
import { SLOT_NAME, slotState } from './slot-state.ts';

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

/** How often a process that does not have the slot looks whether it is free, and one that has it, how far it is behind. */
const STAND_BY_MS = 1_000;
const WATCH_MS = 10_000;
/** How long to wait before the next connection, at first and at most. */
const RETRY_MS = { first: 100, most: 10_000 } as const;
/** More log than this that is not confirmed is worth a word. */
const BEHIND_BYTES = 1024 ** 3;

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
  #behind = false;

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
    let waitMs: number = RETRY_MS.first;
    while (!signal.aborted) {
      try {
        const slot = await this.#freeSlot();
        if (signal.aborted) break;
        if (slot === undefined) await scheduler.sleep(STAND_BY_MS, signal);
        else await this.#read(slot, () => (waitMs = RETRY_MS.first));
      } catch (error) {
        const state = stateOf(error) ?? '';
        if (signal.aborted || RIVAL.has(state)) continue;
        this.#useless ||= USELESS.has(state);
        await this.#tell(translateOwn(error), waitMs);
        await scheduler.sleep(waitMs, signal);
        waitMs = Math.min(waitMs * 2, RETRY_MS.most);
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

  async #read(slot: string, flows: () => void): Promise<void> {
    const address = { module: this.#module, connection: this.#connection, slot, publication: publicationName(this.#database.settings.schema) };
    const { runtime } = this.#database.context;
    let cancelWatch = () => {};
    const watch = () => {
      cancelWatch = runtime.scheduler.after(WATCH_MS, () => void this.#watch().then(watch));
    };
    this.#reader = new SlotReader(
      address,
      {
        connected: async (client) => {
          const found = await ensureSlot(client, slot, this.#useless);
          this.#useless = false;
          if (found === 'replaced' || (found === 'made' && this.#known)) await this.#tell(lost(slot));
        },
        started: () => {
          this.#known = true;
          watch();
          this.#become('here');
        },
        inserted: (row, commit) => this.#inserted(row, commit),
        committed: () => {
          flows();
          for (const listener of this.#listeners) listener.committed();
        },
      },
      runtime,
    );
    try {
      await this.#reader.read();
    } finally {
      this.#reader = undefined;
      cancelWatch();
      this.#become('nowhere');
    }
  }

  #inserted(row: StreamedRow, commit: OpenCommit): void {
    for (const listener of this.#listeners) if (listener.topic === row['topic']) listener.arrived(row, commit);
  }

  #become(whereabouts: Whereabouts): void {
    if (this.#whereabouts === whereabouts) return;
    this.#whereabouts = whereabouts;
    for (const moved of this.#watchers) moved();
  }

  /** A server that answers no more, or is about to stop, waits for nobody that holds on to its log. */
  async #watch(): Promise<void> {
    const state = await slotState(this.#database.pool).catch((error: unknown) => this.#reader?.close(error));
    if (state === undefined) return;
    const behind = state.walStatus === 'unreserved' || state.behindBytes > BEHIND_BYTES;
    if (behind && !this.#behind)
      await this.#tell(new SemelError('slot-behind', `the replication slot ${state.slot} is ${state.behindBytes} bytes behind (${state.walStatus})`, { details: { ...state } }));
    this.#behind = behind;
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
