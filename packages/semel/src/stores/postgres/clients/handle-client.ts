import { SemelError } from '../../../core/errors.ts';
import type { PostgresQuery, PostgresResult, TransactionHandle } from '../transaction-handle.ts';
import type { PgClient } from './pg.ts';

type Callback = (error: unknown, result?: PostgresResult) => void;

const BEGIN = /^\s*(begin|start\s+transaction)\b/i;

/** The handle, to a library that takes it for a client of pg: it may ask to be called back, and release what is not its own. */
export class HandleClient {
  readonly #handle: TransactionHandle;
  #begins: boolean;

  /** @param options `begins`: whether the library sends a BEGIN of its own, which is answered here, for Semel has begun already */
  constructor(handle: TransactionHandle, options: { readonly begins: boolean }) {
    this.#handle = handle;
    this.#begins = options.begins;
  }

  query(query: string | PostgresQuery, values?: readonly unknown[] | Callback, callback?: Callback): Promise<PostgresResult> | undefined {
    const done = typeof values === 'function' ? values : callback;
    const answer = this.#query(query, typeof values === 'function' ? undefined : values);
    if (done === undefined) return answer;
    answer.then((result) => done(null, result), done);
    return undefined;
  }

  release(): void {}

  async #query(query: string | PostgresQuery, values: readonly unknown[] | undefined): Promise<PostgresResult> {
    if (this.#begins && BEGIN.test(typeof query === 'string' ? query : query.text)) {
      this.#begins = false;
      return { rows: [], rowCount: null, command: 'BEGIN' };
    }
    return this.#handle.query(query, values);
  }
}

/**
 * Opens a transaction of the library's own on the handle. It never comes to its end, for Semel commits: so no hook of the library hears of a commit
 * before there is one, and what a handler keeps of it is refused by the handle.
 */
export function openWith<Tx>(handle: TransactionHandle, transact: (client: HandleClient, use: (tx: Tx) => Promise<never>) => Promise<unknown>): Promise<Tx> {
  return new Promise((resolve, reject) => {
    const use = (tx: Tx): Promise<never> => {
      resolve(tx);
      return new Promise(() => {});
    };
    transact(new HandleClient(handle, { begins: true }), use).catch(reject);
  });
}

/** For the methods of a library's transaction that would end it, where the library would swallow the refusal of the statement. */
export function refuseToEnd(): never {
  throw new SemelError('transaction-control', "the transaction is Semel's to end: it also holds its record");
}

/** A client of pg from a pool that lends clients without a `release` of their own. */
export function lentClient(client: Omit<PgClient, 'release'>, release: (destroy: boolean) => void): PgClient {
  return {
    query: (query) => client.query(query),
    on: (event, listener) => client.on(event, listener),
    off: (event, listener) => client.off(event, listener),
    get processID() {
      return client.processID ?? null;
    },
    get connection() {
      return client.connection;
    },
    get pipeline() {
      return client.pipeline;
    },
    release: (destroy) => release(Boolean(destroy)),
  };
}
