import { ConflictRetries } from '../../core/conflict-retries.ts';
import { SemelError } from '../../core/errors.ts';
import type { Runtime } from '../../core/runtime.ts';
import type { StoreContext } from '../../core/store.ts';
import { BEGUN, OWN_BOUNDS } from './bounds.ts';
import { type Connection, OwnStatements } from './connection.ts';
import type { Driver, DriverTransaction, Isolation } from './driver.ts';
import { migrate } from './migrate.ts';
import { translateOwn } from './postgres-errors.ts';
import type { PostgresSettings } from './postgres-options.ts';
import type { Sql } from './sql.ts';
import { Wake } from './wake.ts';

interface Opened {
  readonly context: StoreContext;
  readonly wake: Wake;
  readonly storeId: string;
}

/** The database, shared by the roles of a store: connections, the schema, what time it is. */
export class PostgresDatabase<Tx = unknown> {
  readonly driver: Driver<Tx>;
  readonly settings: PostgresSettings;
  readonly sql: Sql;
  #open: Opened | undefined;
  #closing: Promise<void> | undefined;
  #running = 0;
  #drained: () => void = () => {};

  constructor(driver: Driver<Tx>, settings: PostgresSettings, sql: Sql) {
    this.driver = driver;
    this.settings = settings;
    this.sql = sql;
  }

  /** @throws SemelError `store-closed`, or `not-running` before {@link open} */
  get context(): StoreContext {
    return this.#opened.context;
  }

  /** @throws SemelError `store-closed`, or `not-running` before {@link open} */
  get wake(): Wake {
    return this.#opened.wake;
  }

  /** Single statements, each in a transaction of its own. */
  get pool(): Connection {
    void this.#opened;
    return new OwnStatements(this.driver.pool, this.sql);
  }

  /** Checks or applies the schema. A second call does nothing; after {@link close} it opens anew. */
  async open(context: StoreContext): Promise<void> {
    await this.#closing;
    this.#closing = undefined;
    if (this.#open !== undefined) return;
    const pooled = await this.#isPooled();
    if (pooled) this.sql.unprepared();
    await migrate(this, this.settings.migrate, context);
    const listens = this.settings.notify && !pooled;
    const identity = await new OwnStatements(this.driver.pool, this.sql).get<{ storeId: string }>('select store_id::text as "storeId" from {s}.store_identity');
    this.#open = { context, storeId: identity?.storeId ?? '', wake: new Wake(this.driver, `${this.settings.schema}_wake`, listens, this.settings.notify, context.runtime) };
  }

  /** Waits for running transactions, then ends the listening. The pool stays its owner's. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A transaction of the store's own, run again where it could not be serialized; whoever waits for messages is woken after it. */
  async transact<Result>(body: (connection: Connection) => Promise<Result>): Promise<Result> {
    const result = await this.quietly(body);
    this.published();
    return result;
  }

  /** A commit has made messages ready: whoever waits for them is woken; nobody is once it is closed. */
  published(): void {
    this.#open?.wake.published();
  }

  /** As {@link transact}, for what makes no message ready. */
  async quietly<Result>(body: (connection: Connection) => Promise<Result>, runtime: Runtime = this.context.runtime): Promise<Result> {
    return retryConflicts(() => this.#once(body, false), runtime);
  }

  /** As {@link quietly}, in one batch: COMMIT goes out with the statements that the body sends before its first wait; whatever locks they take are held for no round trip. Whichever of them writes holds {@link BEGUN}. */
  async atOnce<Result>(body: (connection: Connection) => Promise<Result>): Promise<Result> {
    return retryConflicts(() => this.#once(body, true), this.context.runtime);
  }

  /** What tells this store from any other, in whatever database. Asked for beforehand: whoever needs it may hold the last connection of the pool. */
  get storeId(): string {
    return this.#opened.storeId;
  }

  /** Counts what runs, so that {@link close} can wait for it. */
  async during<Result>(task: () => Promise<Result>): Promise<Result> {
    void this.#opened;
    this.#running += 1;
    try {
      return await task();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#drained();
    }
  }

  async #once<Result>(body: (connection: Connection) => Promise<Result>, atOnce: boolean): Promise<Result> {
    const transaction = await begin(this.driver, 'read committed');
    const connection = new OwnStatements(transaction, this.sql);
    connection.all(OWN_BOUNDS, `${this.settings.idleTimeoutMs}ms`).catch(() => {}); // goes out with the first statement, which fails with it
    let committing: Promise<void> | undefined;
    try {
      if (!atOnce) await connection.all(`select ${BEGUN}`);
      const answer = body(connection);
      if (atOnce) committing = transaction.commit();
      committing?.catch(() => {}); // where a statement failed, that tells more
      const result = await answer;
      await (committing ?? transaction.commit());
      return result;
    } catch (error) {
      await committing?.catch(() => {});
      await transaction.rollback();
      throw translateOwn(error);
    }
  }

  async #close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#drained = resolve));
    await open.wake.close();
  }

  /** Behind a pooler that shares connections by transaction two statements may meet two servers: then nothing may be left behind on one. */
  async #isPooled(): Promise<boolean> {
    try {
      return await this.driver.isPooled();
    } catch (error) {
      throw unavailable(this.driver.name, error);
    }
  }

  get #opened(): Opened {
    if (this.#open !== undefined) return this.#open;
    throw this.#closing !== undefined ? new SemelError('store-closed', 'the Postgres store is closed') : new SemelError('not-running', 'the Postgres store is not open yet');
  }
}

/** A transaction on a connection of the driver's. @throws SemelError `store-unavailable` and other `store-*` codes */
export async function begin<Tx>(driver: Driver<Tx>, isolation: Isolation): Promise<DriverTransaction<Tx>> {
  try {
    return await driver.begin(isolation);
  } catch (error) {
    throw unavailable(driver.name, error);
  }
}

function unavailable(driver: string, cause: unknown): unknown {
  const translated = translateOwn(cause);
  if (translated instanceof SemelError) return translated;
  return new SemelError('store-unavailable', `the Postgres store got no connection from ${driver}: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
}

/** Runs a transaction again, a few times, where it could not be serialized or was ended to break a deadlock. */
async function retryConflicts<Result>(once: () => Promise<Result>, runtime: Runtime): Promise<Result> {
  const conflicts = new ConflictRetries(runtime);
  for (;;) {
    try {
      return await once();
    } catch (error) {
      if (!(await conflicts.allow(error))) throw error;
    }
  }
}
