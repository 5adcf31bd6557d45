import { SemelError } from '../../core/errors.ts';
import type { StoreContext } from '../../core/store.ts';
import { type Connection, openReader, openWriter, reopenWriter } from './connection.ts';
import { migrate } from './migrate.ts';
import { absolutePath, type SqliteSettings } from './sqlite-options.ts';
import { Wake } from './wake.ts';
import { retryBusy, Writer } from './writer.ts';

/** The open file, shared by the roles of a store: who writes, who reads, what time it is. */
export class SqliteFile {
  readonly #path: string;
  readonly #settings: SqliteSettings;
  #open: OpenFile | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string, settings: SqliteSettings) {
    this.#path = path;
    this.#settings = settings;
  }

  /** @throws SemelError `store-closed`, or `not-running` before {@link open} */
  get writer(): Writer {
    return this.#opened.writer;
  }

  /** @throws SemelError `store-closed`, or `not-running` before {@link open} */
  get reader(): Connection {
    return this.#opened.reader;
  }

  /** @throws SemelError `store-closed`, or `not-running` before {@link open} */
  get context(): StoreContext {
    return this.#opened.context;
  }

  /** @throws SemelError `store-closed`, or `not-running` before {@link open} */
  get wake(): Wake {
    return this.#opened.wake;
  }

  /** Milliseconds since 1970. All processes that share the file are on one machine, so one clock rules its leases. */
  get nowMs(): number {
    return this.context.runtime.clock.now();
  }

  /** Opens both connections and checks or applies the schema. A second call does nothing; after {@link close} it opens them anew. */
  async open(context: StoreContext): Promise<void> {
    await this.#closing;
    this.#closing = undefined;
    if (this.#open !== undefined) return;
    const path = absolutePath(this.#path);
    const { runtime } = context;
    const settings = this.#settings;
    const first = await retryBusy(() => openWriter(path, settings), runtime, settings.lockTimeoutMs);
    const writer = new Writer(first, () => reopenWriter(path, settings), runtime, settings.lockTimeoutMs);
    try {
      await migrate(writer, settings.migrate, context);
      const reader = await retryBusy(() => openReader(path, settings), runtime, settings.lockTimeoutMs);
      this.#open = { writer, reader, context, wake: new Wake(reader, runtime.scheduler) };
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  /** Waits for running transactions, then closes. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    open.wake.close();
    await open.writer.close();
    this.#open = undefined;
    open.reader.close();
  }

  /** A transaction of the store's own; listeners are woken after it. */
  async transact<Result>(body: (connection: Connection) => Result): Promise<Result> {
    const { writer, wake } = this.#opened;
    const result = await writer.transact(body);
    wake.notify();
    return result;
  }

  get #opened(): OpenFile {
    if (this.#open !== undefined) return this.#open;
    throw this.#closing !== undefined ? closed() : new SemelError('not-running', 'the SQLite store is not open yet');
  }
}

interface OpenFile {
  readonly writer: Writer;
  readonly reader: Connection;
  readonly context: StoreContext;
  readonly wake: Wake;
}

function closed(): SemelError {
  return new SemelError('store-closed', 'the SQLite store is closed');
}
