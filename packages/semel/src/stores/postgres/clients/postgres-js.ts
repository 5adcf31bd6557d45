import { SemelError } from '../../../core/errors.ts';
import type { Store } from '../../../core/store.ts';
import type { Driver, DriverTransaction, Isolation, Loan, SqlRunner, SqlValue } from '../driver.ts';
import { translateOwn } from '../postgres-errors.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import { type PostgresQuery, TransactionHandle } from '../transaction-handle.ts';
import { commitBy, rollbackBy } from './ending.ts';
import { type PostgresJsQuery, type PostgresJsResult, type PostgresJsSql, ruledSql, sentBy } from './postgres-js-sql.ts';

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
 * A store on the connections of postgres.js; the handler's `tx` is its `TransactionSql`. Semel commits. The instance stays yours to end.
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
    const { unsafe } = sql as unknown as PostgresJsSql;
    this.pool = { query: async (text, values, name) => rowsOf(await unsafe(text, [...values], { prepare: name !== undefined })) };
  }

  get size(): number | undefined {
    return this.#sql.options.max;
  }

  /** Its own callback never ends, or it would send a COMMIT of its own: the connection goes back when the server has answered ours. */
  begin(isolation: Isolation): Promise<DriverTransaction<Tx>> {
    return new Promise((resolve, reject) => {
      let transaction: PostgresJsTransaction<Tx> | undefined;
      const use = (sql: Tx): Promise<never> => {
        transaction = new PostgresJsTransaction(sql);
        resolve(transaction);
        return new Promise(() => {});
      };
      this.#sql.begin(`isolation level ${isolation}`, use).catch((error: unknown) => {
        transaction?.lose(error);
        reject(error);
      });
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
    const { unsafe } = tx as unknown as PostgresJsSql;
    return { query: async <Row>(text: string, values: readonly SqlValue[]) => rowsOf<Row>(await Object.assign(unsafe(text, [...values]), { catch: () => {} })) };
  }
}

class PostgresJsTransaction<Tx> implements DriverTransaction<Tx> {
  readonly #sql: PostgresJsSql;
  #lost: unknown;
  #over = false;

  constructor(sql: Tx) {
    this.#sql = sql as unknown as PostgresJsSql;
  }

  /** The connection is gone. postgres.js would connect again, and send what is left into another transaction or none (trap 20). */
  lose(error: unknown): void {
    this.#lost = error;
  }

  async query<Row>(text: string, values: readonly SqlValue[], name?: string): Promise<readonly Row[]> {
    return rowsOf<Row>(await this.#send(text, values, name !== undefined));
  }

  lend(options: { readonly savepoints: boolean }): Loan<Tx> {
    const query = async ({ text }: PostgresQuery) => ({ rows: [...(await this.#send(text))], rowCount: null, command: '' });
    const handle = new TransactionHandle({ query }, options);
    const tx = ruledSql(this.#sql, handle, () => this.#check()) as Tx;
    return { tx, check: () => handle.check(), revoke: () => handle.revoke(), verify: () => handle.verify() };
  }

  async commit(): Promise<void> {
    if (this.#lost !== undefined) throw translateOwn(this.#lost); // before COMMIT was sent
    await commitBy(this.#send('commit'), () => this.#end());
  }

  async rollback(): Promise<void> {
    if (!this.#over && this.#lost === undefined) await rollbackBy(this.#send('rollback'), () => this.#end());
  }

  /** A connection that gives no answer stays with this transaction, and goes to nobody else. */
  #end(): void {
    this.#over = true;
  }

  #send(text: string, values: readonly SqlValue[] = [], prepare = false): PostgresJsQuery {
    return sentBy(this.#sql.unsafe(text, [...values], { prepare }), (send) => {
      this.#check();
      send();
    });
  }

  #check(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }
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

function rowsOf<Row>(result: PostgresJsResult): readonly Row[] {
  return result as readonly object[] as readonly Row[];
}
