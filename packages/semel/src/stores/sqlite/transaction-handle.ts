import type { StatementSync } from 'node:sqlite';
import { SemelError } from '../../core/errors.ts';
import { refuseSavepoints, refuseTransactionControl } from '../../core/sql-guard.ts';
import type { Database, SqliteValue } from './connection.ts';
import { isBusy, isTrouble, translateError } from './sqlite-errors.ts';

/** Parameters by name, with or without their prefix. */
export type SqliteParameters = Readonly<Record<string, SqliteValue>>;

/** What a statement is run with: values in order, after named ones if there are any. */
export type SqliteArguments = readonly SqliteValue[] | readonly [SqliteParameters, ...SqliteValue[]];

/** A row as SQLite gives it; name its type where you read it. */
// biome-ignore lint/suspicious/noExplicitAny: as with the driver, only the writer of the query knows its columns.
export type SqliteRow = Record<string, any>;

/** A prepared statement, as a `StatementSync` of node:sqlite, usable until its handler settles. */
export interface SqliteStatement {
  readonly sourceSQL: string;
  all(...values: SqliteArguments): SqliteRow[];
  get(...values: SqliteArguments): SqliteRow | undefined;
  iterate(...values: SqliteArguments): IterableIterator<SqliteRow>;
  run(...values: SqliteArguments): { changes: number | bigint; lastInsertRowid: number | bigint };
  columns(): ReturnType<StatementSync['columns']>;
  setAllowBareNamedParameters(enabled: boolean): void;
  setAllowUnknownNamedParameters(enabled: boolean): void;
  setReadBigInts(enabled: boolean): void;
  setReturnArrays(enabled: boolean): void;
}

/**
 * The open transaction, in the shape of a `DatabaseSync` of node:sqlite: code written for that runs here. BEGIN, COMMIT, ROLLBACK,
 * ATTACH and DETACH are refused (`transaction-control`), and so is any use after its handler settled (`transaction-over`). Savepoints
 * are the handler's own, except in a concurrent group, where they would undo its neighbours' writes: there they are refused as well.
 */
export interface SqliteTransaction {
  readonly isTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
}

/** Statements that are kept for the next handler; beyond it the oldest goes. */
const MAX_STATEMENTS = 256;

/** What the handles of one connection share: statements by their text, each checked for transaction control once. */
export class UserStatements {
  readonly database: Database;
  readonly path: string;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #scripts = new Set<string>();

  constructor(database: Database, path: string) {
    this.database = database;
    this.path = path;
  }

  /** The statement of this text; stateless use only. */
  shared(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    refuseTransactionControl(sql);
    const statement = this.database.prepare(sql);
    if (this.#prepared.size >= MAX_STATEMENTS) this.#prepared.delete(this.#prepared.keys().next().value as string);
    this.#prepared.set(sql, statement);
    return statement;
  }

  /** Runs a script. */
  exec(sql: string): void {
    if (!this.#scripts.has(sql)) {
      refuseTransactionControl(sql);
      if (this.#scripts.size >= MAX_STATEMENTS) this.#scripts.clear();
      this.#scripts.add(sql);
    }
    this.database.exec(sql);
  }
}

/** One handler's hold on the transaction. */
export class TransactionHandle implements SqliteTransaction {
  readonly statements: UserStatements;
  readonly #savepoints: boolean;
  #over = false;
  #trouble: unknown;
  #iterators: Iterator<unknown>[] | undefined;

  /** @param options `savepoints`: whether the handler may have its own; not while others write into the same transaction */
  constructor(statements: UserStatements, options: { readonly savepoints: boolean }) {
    this.statements = statements;
    this.#savepoints = options.savepoints;
  }

  get isTransaction(): boolean {
    return !this.#over && this.statements.database.isTransaction;
  }

  prepare(sql: string): SqliteStatement {
    this.#refuseOver(); // the rest is looked at when the statement is used
    if (!this.#savepoints) refuseSavepoints(sql);
    try {
      return new HandleStatement(this, sql, this.statements.shared(sql));
    } catch (error) {
      throw this.failed(error);
    }
  }

  exec(sql: string): void {
    this.check();
    if (!this.#savepoints) refuseSavepoints(sql);
    try {
      this.statements.exec(sql);
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** Refuses every use from now on, of statements prepared before too. */
  revoke(): void {
    this.#over = true;
    for (const iterator of this.#iterators ?? []) iterator.return?.();
  }

  /** @throws SemelError `transaction-over`, and as {@link verify} does */
  check(): void {
    this.#refuseOver();
    this.verify();
  }

  /**
   * Finds out, whatever was caught since, whether the store could not do what was asked of it, or SQLite ended the transaction by
   * itself: what follows would commit on its own, without the record.
   * @throws SemelError `store-*`, `transaction-ended`
   */
  verify(): void {
    if (this.#trouble !== undefined) throw this.#trouble;
    if (!this.statements.database.isTransaction) throw new SemelError('transaction-ended', 'a statement ended the transaction by itself');
  }

  /** Takes note of the store's own trouble, and gives the error as it is to be thrown. */
  failed(error: unknown): unknown {
    const translated = translateError(error, this.statements.path);
    if (isTrouble(translated) || isBusy(translated)) this.#trouble ??= translated;
    return translated;
  }

  /** An iterator that is closed with the handle. */
  track(iterator: Iterator<unknown>): void {
    this.#iterators ??= [];
    this.#iterators.push(iterator);
  }

  #refuseOver(): void {
    if (this.#over) throw new SemelError('transaction-over', 'tx was used after its handler settled');
  }
}

/** A statement that asks its handle before every use. One with settings, or iterated, is its own, so that no state leaks to other users of the text. */
class HandleStatement implements SqliteStatement {
  readonly sourceSQL: string;
  readonly #handle: TransactionHandle;
  #statement: StatementSync;
  #own = false;

  constructor(handle: TransactionHandle, sql: string, statement: StatementSync) {
    this.#handle = handle;
    this.sourceSQL = sql;
    this.#statement = statement;
  }

  run(...values: SqliteArguments): { changes: number | bigint; lastInsertRowid: number | bigint } {
    this.#handle.check();
    try {
      return this.#statement.run(...(values as SqliteValue[]));
    } catch (error) {
      throw this.#handle.failed(error);
    }
  }

  get(...values: SqliteArguments): SqliteRow | undefined {
    this.#handle.check();
    try {
      return this.#statement.get(...(values as SqliteValue[]));
    } catch (error) {
      throw this.#handle.failed(error);
    }
  }

  all(...values: SqliteArguments): SqliteRow[] {
    this.#handle.check();
    try {
      return this.#statement.all(...(values as SqliteValue[]));
    } catch (error) {
      throw this.#handle.failed(error);
    }
  }

  *iterate(...values: SqliteArguments): IterableIterator<SqliteRow> {
    this.#handle.check();
    const rows = this.#ownStatement().iterate(...(values as SqliteValue[]));
    this.#handle.track(rows);
    try {
      for (const row of rows) {
        yield row;
        this.#handle.check();
      }
    } catch (error) {
      throw this.#handle.failed(error);
    }
  }

  columns(): ReturnType<StatementSync['columns']> {
    this.#handle.check();
    return this.#statement.columns();
  }

  setAllowBareNamedParameters(enabled: boolean): void {
    this.#ownStatement().setAllowBareNamedParameters(enabled);
  }

  setAllowUnknownNamedParameters(enabled: boolean): void {
    this.#ownStatement().setAllowUnknownNamedParameters(enabled);
  }

  setReadBigInts(enabled: boolean): void {
    this.#ownStatement().setReadBigInts(enabled);
  }

  setReturnArrays(enabled: boolean): void {
    this.#ownStatement().setReturnArrays(enabled);
  }

  #ownStatement(): StatementSync {
    this.#handle.check();
    if (!this.#own) {
      this.#statement = this.#handle.statements.database.prepare(this.sourceSQL);
      this.#own = true;
    }
    return this.#statement;
  }
}
