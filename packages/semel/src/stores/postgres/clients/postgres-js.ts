import { SemelError } from '../../../core/errors.ts';
import type { Store } from '../../../core/store.ts';
import type { Driver, DriverTransaction, Isolation, Loan, PoolSize, SqlRunner, SqlValue } from '../driver.ts';
import { isRefusal, translateError } from '../postgres-errors.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import { TransactionHandle } from '../transaction-handle.ts';
import { commitBy, endBy } from './ending.ts';
import { type PostgresJsQuery, type PostgresJsResult, type PostgresJsSql, ruledSql } from './postgres-js-sql.ts';

/** An instance of postgres.js, as far as Semel needs it. */
export interface PostgresJsInstance<Transaction> {
  readonly options: {
    readonly max?: number;
    readonly transform?: { readonly column?: { readonly from?: ((column: string) => string) | undefined } };
  };
  begin(options: string, use: (sql: Transaction) => Promise<never>): Promise<unknown>;
  unsafe(text: string, values?: never[], options?: { readonly prepare?: boolean }): unknown;
  listen(channel: string, heard: (payload: string) => void, listening?: () => void): Promise<{ unlisten(): Promise<void> }>;
}

/**
 * A store on the connections of postgres.js; the handler's `tx` is its `TransactionSql`. Semel commits. The instance stays yours: end it with a time limit,
 * `sql.end({ timeout: 5 })`, for without one postgres.js waits for ever for a connection that was lost under a query.
 *
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: fromPostgresJs(postgres(url)) });
 */
export function fromPostgresJs<Transaction>(sql: PostgresJsInstance<Transaction>, options: PostgresOptions = {}): Store<Transaction> {
  return new PostgresStore(new PostgresJsDriver(sql), 'fromPostgresJs', options);
}

class PostgresJsDriver<Tx> implements Driver<Tx> {
  readonly name = 'postgres.js';
  readonly pool: SqlRunner;
  readonly #sql: PostgresJsInstance<Tx>;

  constructor(sql: PostgresJsInstance<Tx>) {
    this.#sql = sql;
    requireNames(sql.options);
    this.pool = runnerOn(sql);
  }

  /** It listens on a connection beside its pool. */
  get size(): PoolSize | undefined {
    const { max } = this.#sql.options;
    return max === undefined ? undefined : { most: max, option: 'max', listens: false };
  }

  /** Its own callback never ends, or it would send a COMMIT of its own; so `begin` settles only where the connection is lost. */
  begin(isolation: Isolation): Promise<DriverTransaction<Tx>> {
    return new Promise((resolve, reject) => {
      const lost = this.#sql.begin(`isolation level ${isolation}`, (sql) => {
        resolve(new PostgresJsTransaction(sql, lost));
        return new Promise(() => {});
      });
      lost.catch(reject);
    });
  }

  async isPooled(): Promise<boolean> {
    const result = (await this.#sql.unsafe('select pg_backend_pid() as pid')) as PostgresJsResult;
    return (result[0] as { readonly pid: number }).pid !== result.state.pid;
  }

  /** postgres.js listens again by itself where the connection is lost. */
  async listen(channel: string, wake: () => void): Promise<() => Promise<void>> {
    const { unlisten } = await this.#sql.listen(channel, wake, wake);
    return unlisten;
  }

  /** Whatever query fails in its transactions, postgres.js rolls them back at the end, caught or not: it is not told of ours, which have savepoints. */
  runnerOf(tx: unknown): SqlRunner | undefined {
    if (typeof tx !== 'function' || !('unsafe' in tx) || !('savepoint' in tx)) return undefined;
    return runnerOn(tx as unknown as PostgresJsSql, (query) => Object.assign(query, { catch: () => {} }));
  }
}

class PostgresJsTransaction<Tx> implements DriverTransaction<Tx> {
  readonly #sql: PostgresJsSql;
  readonly #lost: Promise<unknown>;
  #lostBy: unknown;
  #over = false;

  /** @param lost rejects where the connection is lost, and never fulfils */
  constructor(sql: Tx, lost: Promise<unknown>) {
    this.#sql = sql as unknown as PostgresJsSql;
    this.#lost = lost;
    lost.catch((error: unknown) => (this.#lostBy ??= error));
  }

  async query<Row>(text: string, values: readonly SqlValue[], name?: string): Promise<readonly Row[]> {
    return (await this.#ask(text, values, name !== undefined)) as readonly object[] as readonly Row[];
  }

  lend(options: { readonly savepoints: boolean }): Loan<Tx> {
    const handle = new TransactionHandle({ query: async ({ text }) => ({ rows: await this.#ask(text), rowCount: null, command: '' }) }, options);
    const tx = ruledSql(this.#sql, (text, send) => handle.run(text, () => this.#answer(send))) as Tx;
    return { tx, check: () => handle.check(), revoke: () => handle.revoke(), verify: () => handle.verify() };
  }

  /** Whatever the answer, postgres.js gives the connection to others by it: no ROLLBACK may follow. */
  async commit(): Promise<void> {
    this.#over = true;
    await commitBy(this.#ask('commit'), () => {});
  }

  /** A connection that gives no answer stays with this transaction, and goes to nobody else. */
  async rollback(): Promise<void> {
    if (!this.#over) await endBy(this.#ask('rollback'), () => {});
  }

  #ask(text: string, values: readonly SqlValue[] = [], prepare = false): Promise<PostgresJsResult> {
    return this.#answer(() => this.#sql.unsafe(text, [...values], { prepare }));
  }

  /**
   * Sends nothing once the connection is lost, for postgres.js would do so on the next one, in another transaction or none (trap 20); and waits no
   * longer, for what it has not sent by then it never answers.
   */
  async #answer(send: () => Promise<PostgresJsResult>): Promise<PostgresJsResult> {
    if (this.#lostBy !== undefined) throw this.#lostBy;
    try {
      return await Promise.race([send(), this.#lost as Promise<never>]);
    } catch (error) {
      if (isLoss(error)) this.#lostBy ??= error; // known before `begin` hears of it
      throw error;
    }
  }
}

function runnerOn(sql: Pick<PostgresJsInstance<unknown>, 'unsafe'>, sent = (query: PostgresJsQuery) => query): SqlRunner {
  const unsafe = sql.unsafe as unknown as PostgresJsSql['unsafe'];
  return {
    query: async <Row>(text: string, values: readonly SqlValue[], name?: string) => (await sent(unsafe(text, [...values], { prepare: name !== undefined }))) as object[] as Row[],
  };
}

/** Whether the connection is gone by this error. */
function isLoss(error: unknown): boolean {
  return !isRefusal(error) && translateError(error) instanceof SemelError;
}

/** Semel reads its own rows by their names. @throws SemelError `bad-option` */
function requireNames({ transform }: PostgresJsInstance<unknown>['options']): void {
  const { from } = transform?.column ?? {};
  if (from !== undefined && from('deadLetterId') !== 'deadLetterId')
    throw new SemelError(
      'bad-option',
      'fromPostgresJs: `transform.column.from` must leave names in camel case as they are, as postgres.camel does; give Semel an instance of its own',
    );
}
