import { SemelError } from '../../core/errors.ts';
import { refuseSavepoints, refuseTransactionControl } from '../../core/sql-guard.ts';
import { isAborted, translateError } from './postgres-errors.ts';

/** A row as the client gives it; name its type where you read it. */
// biome-ignore lint/suspicious/noExplicitAny: as with the driver, only the writer of the query knows its columns.
export type PostgresRow = Record<string, any>;

/** What a query gives. */
export interface PostgresResult<Row = PostgresRow> {
  readonly rows: Row[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** A query with its settings, as pg takes it. */
export interface PostgresQuery {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
  readonly name?: string | undefined;
  readonly rowMode?: string | undefined;
}

/**
 * The open transaction, in the shape of pg's client: code written for that runs here. BEGIN, COMMIT and ROLLBACK are refused (`transaction-control`), and so
 * is any use after its handler settled (`transaction-over`). Savepoints are the handler's own, except in a concurrent group, where they would
 * undo its neighbours' writes: there they are refused as well.
 */
export interface PostgresTransaction {
  query<Row = PostgresRow>(query: string | PostgresQuery, values?: readonly unknown[]): Promise<PostgresResult<Row>>;
}

/** The client beneath, as far as a handle needs it. */
export interface QueryClient {
  // biome-ignore lint/suspicious/noExplicitAny: rows are whatever the query gives.
  query(query: PostgresQuery): Promise<{ rows: any[]; rowCount: number | null; command: string }>;
}

/** Texts that are known to be harmless, over all handles; beyond it they are looked at anew. */
const MAX_TEXTS = 2_000;
const harmless = new Set<string>();

/** How long a statement may run that its handler did not wait for, because it forgot to or its time was over. */
const OUTLAST_MS = 1_000;

/** One handler's hold on the transaction. */
export class TransactionHandle implements PostgresTransaction {
  readonly #client: QueryClient;
  readonly #savepoints: boolean;
  #over = false;
  #failed = false;
  #trouble: unknown;
  #running = 0;
  #quiet: () => void = () => {};

  /** @param options `savepoints`: whether the handler may have its own; not while others write into the same transaction */
  constructor(client: QueryClient, options: { readonly savepoints: boolean }) {
    this.#client = client;
    this.#savepoints = options.savepoints;
  }

  async query<Row = PostgresRow>(query: string | PostgresQuery, values?: readonly unknown[]): Promise<PostgresResult<Row>> {
    const given: PostgresQuery = typeof query === 'string' ? { text: query, values } : values === undefined ? query : { ...query, values };
    return this.run(given.text, () => this.#client.query(given));
  }

  /** Runs what the library sends by a way of its own, under the same rules. @param text where it is known */
  async run<Result>(text: string | undefined, send: () => PromiseLike<Result>): Promise<Result> {
    this.check();
    if (text !== undefined) this.#guard(text);
    this.#running += 1;
    try {
      return await send();
    } catch (error) {
      throw this.#note(error);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#quiet();
    }
  }

  /** Refuses every use from now on. */
  revoke(): void {
    this.#over = true;
  }

  /** @throws SemelError `transaction-over`, or the store's own trouble that was met before */
  check(): void {
    if (this.#over) throw new SemelError('transaction-over', 'tx was used after its handler settled');
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  /**
   * Finds out, whatever was caught since, whether the store could not do what was asked of it, or the server has aborted the transaction:
   * then nothing of it would be kept, and COMMIT would answer ROLLBACK (trap 43). Where no statement failed there is nothing to ask.
   * A statement that the handler did not wait for may still fail, and holds up whatever comes after it on the connection.
   * @throws SemelError `store-*`, `transaction-ended`
   */
  verify(): void | Promise<void> {
    if (this.#trouble !== undefined) throw this.#trouble;
    if (this.#running > 0) return this.#outlast().then(() => this.verify());
    if (this.#failed) return this.#ask();
  }

  /** After the handler: lets the library write what it has held back, then {@link verify}. */
  async finish(flush: () => Promise<void>): Promise<void> {
    if (this.#trouble !== undefined) throw this.#trouble;
    this.#over = false;
    try {
      await flush();
    } finally {
      this.#over = true;
    }
    await this.verify();
  }

  async #outlast(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#quiet = resolve;
      timer = setTimeout(() => reject(new SemelError('transaction-ended', `a statement of the handler still ran ${OUTLAST_MS} ms after it`)), OUTLAST_MS);
    }).finally(() => clearTimeout(timer));
  }

  async #ask(): Promise<void> {
    try {
      await this.#client.query({ text: 'select 1' });
      this.#failed = false; // it went back to a savepoint of its own
    } catch (error) {
      if (isAborted(error)) throw new SemelError('transaction-ended', 'a statement of the handler failed, which ended the transaction, and the handler went on', { cause: error });
      throw translateError(error);
    }
  }

  #guard(text: string): void {
    if (!this.#savepoints) refuseSavepoints(text);
    if (harmless.has(text)) return;
    refuseTransactionControl(text);
    if (harmless.size >= MAX_TEXTS) harmless.clear();
    harmless.add(text);
  }

  #note(error: unknown): unknown {
    const translated = translateError(error);
    const isNew = translated !== error; // one of Semel's own was noted where it arose
    if (isNew && translated instanceof SemelError && translated.code !== 'transaction-ended') this.#trouble ??= translated;
    this.#failed = true;
    return translated;
  }
}
