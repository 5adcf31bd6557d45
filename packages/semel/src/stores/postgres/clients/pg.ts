import type { Driver, DriverTransaction, Isolation, Loan, Opening, PoolSize, SqlRunner, SqlValue } from '../driver.ts';
import { isRefusal, translateError } from '../postgres-errors.ts';
import { type QueryClient, TransactionHandle } from '../transaction-handle.ts';
import { commitBy, endBy } from './ending.ts';

/** A client of pg, as far as Semel needs it. */
export interface PgClient extends QueryClient {
  release(destroy?: boolean | Error): void;
  // biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own.
  on(event: string, listener: (...given: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own.
  off(event: string, listener: (...given: any[]) => void): unknown;
  /** The backend's number; a pooler gives another. */
  readonly processID?: number | null;
  readonly connection?: { readonly stream: { destroy(): unknown; cork?(): void; uncork?(): void } } | undefined;
  /** Whether queries go out before the ones before them are answered. */
  readonly pipeline?: boolean | undefined;
}

/** A pool of pg, as far as Semel needs it. */
export interface PgPool {
  connect(): Promise<PgClient>;
  readonly options?: { readonly max?: number };
}

/** The library's transaction, bound to a handle that looks like a client of pg. */
export interface Binding<Tx> {
  /** Or a promise of it, where the library takes a moment to make it. */
  readonly tx: Tx | Opening<Tx>;
  /** Writes what the library still holds back; called when the handler is through. */
  flush?(): Promise<void>;
}

/** What differs between the libraries that stand on pg. */
export interface PgLibrary<Tx> {
  readonly name: string;
  /** What its users call the pool's `max`. @default 'max' */
  readonly sizeOption?: string;
  bind(handle: TransactionHandle): Binding<Tx>;
  /** Runs statements in a transaction that the user opened; undefined where `tx` is not one of this library's. */
  clientOf(tx: unknown): QueryClient | undefined;
}

/** Drives a pool of pg, for pg itself and for every library that can be bound to one client of it. */
export class PgDriver<Tx> implements Driver<Tx> {
  readonly name: string;
  readonly #pool: PgPool;
  readonly #library: PgLibrary<Tx>;

  constructor(pool: PgPool, library: PgLibrary<Tx>) {
    this.name = library.name;
    this.#pool = pool;
    this.#library = library;
  }

  get size(): PoolSize | undefined {
    const most = this.#pool.options?.max;
    return most === undefined ? undefined : { most, option: this.#library.sizeOption ?? 'max', listens: true };
  }

  readonly pool: SqlRunner = {
    query: async <Row>(text: string, values: readonly SqlValue[], name?: string) => {
      const client = await this.#take();
      try {
        const { rows } = await client.query({ text, values: [...values], name });
        client.end(false);
        return rows as readonly Row[];
      } catch (error) {
        client.end(!isRefusal(error));
        throw error;
      }
    },
  };

  async begin(isolation: Isolation): Promise<DriverTransaction<Tx>> {
    return new PgTransaction(await this.#take(), isolation, this.#library);
  }

  /** A pooler that shares connections by transaction answers for many backends under one number of its own. */
  async isPooled(): Promise<boolean> {
    const client = await this.#take();
    try {
      const { rows } = await client.query({ text: 'select pg_backend_pid() as pid' });
      client.end(false);
      return client.processID !== undefined && rows[0]?.pid !== client.processID;
    } catch (error) {
      client.end(true);
      throw error;
    }
  }

  async listen(channel: string, wake: () => void, lost: (error: unknown) => void): Promise<() => Promise<void>> {
    const client = await this.#take();
    const heard = (notification: { readonly channel: string }) => notification.channel === channel && wake();
    client.whenLost((error) => {
      client.end(true);
      lost(error);
    });
    client.onNotification(heard);
    try {
      await client.query({ text: `listen "${channel}"` });
    } catch (error) {
      client.end(true);
      throw error;
    }
    return () => endBy(client.query({ text: 'unlisten *' }), (inDoubt) => client.end(inDoubt));
  }

  runnerOf(tx: unknown): SqlRunner | undefined {
    const client = this.#library.clientOf(tx);
    if (client === undefined) return undefined;
    return { query: async <Row>(text: string, values: readonly SqlValue[]) => (await client.query({ text, values: [...values] })).rows as readonly Row[] };
  }

  async #take(): Promise<TakenClient> {
    if (this.#pool.connect.length === 0) return new TakenClient(await this.#pool.connect());
    const pool = this.#pool as unknown as CallbackPool;
    return new Promise((resolve, reject) => {
      pool.connect((error, client) => (client === undefined ? reject(error) : resolve(new TakenClient(client))));
    });
  }
}

/**
 * A pool as pg itself makes it. A promise would be heard too late where the greeting of a connection and its end arrive together: an error that is
 * emitted while nobody listens ends the process.
 */
interface CallbackPool {
  connect(answer: (error: unknown, client?: PgClient) => void): void;
}

/** A client that is ours until it ends. What it emits meanwhile is heard, or it would end the process. */
class TakenClient implements QueryClient {
  readonly #client: PgClient;
  #lost: ((error: unknown) => void) | undefined;
  #notified: ((notification: { readonly channel: string }) => void) | undefined;
  #ended = false;
  #broken = false;
  #gathering = false;
  #brokenBy: unknown;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: PgClient) {
    this.#client = client;
    client.on('error', this.#onEnd);
    client.on('end', this.#onEnd);
  }

  readonly #onEnd = (error: unknown): void => {
    this.#broken = true;
    this.#brokenBy ??= error;
    if (!this.#ended) this.#lost?.(error);
    this.#lost = undefined;
  };

  get processID(): number | undefined {
    return this.#client.processID ?? undefined;
  }

  /** One at a time, unless the client pipelines: a queue of its own it keeps no longer from pg 9 on. */
  query: QueryClient['query'] = (query) => {
    if (this.#brokenBy !== undefined) return Promise.reject(this.#brokenBy);
    if (this.#client.pipeline) {
      this.#gather();
      return this.#client.query(query);
    }
    const answer = this.#last.then(() => this.#client.query(query));
    this.#last = answer.catch(() => {});
    return answer;
  };

  /** What is sent in one turn of the event loop goes out in one packet: a system call costs as much as a short statement. */
  #gather(): void {
    const stream = this.#client.connection?.stream;
    if (this.#gathering || stream?.cork === undefined) return;
    this.#gathering = true;
    stream.cork();
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork?.();
    });
  }

  /** Throws the reason for which the connection is no more: pg tells only whoever uses it next, and in words of its own. */
  check(): void {
    if (this.#brokenBy !== undefined) throw translateError(this.#brokenBy);
  }

  whenLost(lost: (error: unknown) => void): void {
    this.#lost = lost;
  }

  onNotification(heard: (notification: { readonly channel: string }) => void): void {
    this.#notified = heard;
    this.#client.on('notification', heard);
  }

  /** Gives it back; one that is in doubt is closed, and never used again (trap 20). */
  end(inDoubt: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#client.off('error', this.#onEnd);
    this.#client.off('end', this.#onEnd);
    if (this.#notified !== undefined) this.#client.off('notification', this.#notified);
    const close = inDoubt || this.#broken;
    if (close) {
      this.#client.on('error', () => {}); // what it still has to say concerns nobody
      this.#client.connection?.stream.destroy(); // at once: in pipeline mode pg waits for the answer to whatever is sent already
    }
    this.#client.release(close);
  }
}

class PgTransaction<Tx> implements DriverTransaction<Tx> {
  readonly #client: TakenClient;
  readonly #library: PgLibrary<Tx>;
  readonly #begun: Promise<unknown>;
  #over = false;

  /** BEGIN is not waited for: it goes out together with the first statement. Nothing can follow one that failed, for only a lost connection makes it fail. */
  constructor(client: TakenClient, isolation: Isolation, library: PgLibrary<Tx>) {
    this.#client = client;
    this.#library = library;
    this.#begun = client.query({ text: `begin isolation level ${isolation}` });
    this.#begun.catch(() => {});
  }

  async query<Row>(text: string, values: readonly SqlValue[], name?: string): Promise<readonly Row[]> {
    return (await this.#client.query({ text, values: values as unknown[], name })).rows as readonly Row[];
  }

  lend(options: { readonly savepoints: boolean }): Loan<Tx> {
    const handle = new TransactionHandle(this.#client, options);
    const { tx, flush } = this.#library.bind(handle);
    return {
      tx,
      check: () => handle.check(),
      revoke: () => handle.revoke(),
      verify: () => {
        this.#client.check();
        return flush === undefined ? handle.verify() : handle.finish(flush);
      },
    };
  }

  async commit(): Promise<void> {
    const answer = this.#client.query({ text: 'commit' }); // sent now, also where BEGIN is not answered yet
    const both = Promise.all([answer, this.#begun]).then(([result]) => result);
    await commitBy(both, (inDoubt) => this.#end(inDoubt));
  }

  async rollback(): Promise<void> {
    if (!this.#over) await endBy(this.#client.query({ text: 'rollback' }), (inDoubt) => this.#end(inDoubt));
  }

  #end(inDoubt: boolean): void {
    this.#over = true;
    this.#client.end(inDoubt);
  }
}
