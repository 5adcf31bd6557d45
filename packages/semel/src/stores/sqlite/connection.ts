import { existsSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { SemelError } from '../../core/errors.ts';
import { translateError } from './sqlite-errors.ts';
import type { SqliteSettings } from './sqlite-options.ts';

/** What SQLite stores. */
export type SqliteValue = null | number | bigint | string | NodeJS.ArrayBufferView;

/** What Semel needs of a `DatabaseSync`, its own or, in `enlist`, the user's. */
export type Database = Pick<DatabaseSync, 'prepare' | 'exec' | 'close' | 'location' | 'isTransaction'>;

/** Values by name, for `:name`; written `?1`, older versions of Node would not bind them. */
export type NamedValues = Readonly<Record<string, SqliteValue>>;

/** Positional values, after named ones if there are any. */
export type Values = readonly SqliteValue[] | readonly [NamedValues, ...(readonly SqliteValue[])];

/** A connection with its statements prepared once, and its errors translated. */
export class Connection {
  readonly database: Database;
  readonly path: string;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: Database, path: string) {
    this.database = database;
    this.path = path;
  }

  /** Whether a transaction is open. */
  get isTransaction(): boolean {
    return this.database.isTransaction;
  }

  /** Runs a write; returns the number of rows changed. */
  run(sql: string, ...values: Values): number {
    try {
      return Number(this.#statement(sql).run(...(values as SqliteValue[])).changes);
    } catch (error) {
      throw translateError(error, this.path);
    }
  }

  /** The first row. */
  get<Row>(sql: string, ...values: Values): Row | undefined {
    try {
      return this.#statement(sql).get(...(values as SqliteValue[])) as Row | undefined;
    } catch (error) {
      throw translateError(error, this.path);
    }
  }

  /** All rows. */
  all<Row>(sql: string, ...values: Values): Row[] {
    try {
      return this.#statement(sql).all(...(values as SqliteValue[])) as Row[];
    } catch (error) {
      throw translateError(error, this.path);
    }
  }

  /** Runs a script. */
  exec(sql: string): void {
    try {
      this.database.exec(sql);
    } catch (error) {
      throw translateError(error, this.path);
    }
  }

  /** Closes; a failure to close changes nothing for the caller and is ignored. */
  close(): void {
    this.#statements.clear();
    try {
      this.database.close();
    } catch {
      // Closed already, or in such a state that nothing more can be done with it.
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/**
 * Opens the file for writing, in WAL mode, with `busy_timeout` 0: whoever waits for a lock waits asynchronously.
 * @throws SemelError `store-busy` where another process holds a lock just now, other `store-*` codes, `node-too-old`
 */
export function openWriter(path: string, settings: SqliteSettings): Connection {
  const connection = open(path, { timeout: 0 });
  try {
    const mode = connection.get<{ journal_mode: string }>('pragma journal_mode = wal')?.journal_mode;
    if (mode !== 'wal') throw new SemelError('store-unavailable', `the database ${path} cannot use write-ahead logging (journal mode ${mode}): it needs a local disk`);
    connection.exec(
      `pragma synchronous = ${settings.synchronous}; pragma foreign_keys = on; pragma cache_size = -${settings.cacheMb * 1024}; pragma wal_autocheckpoint = 4000; pragma journal_size_limit = ${64 * 1024 * 1024}`,
    );
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens the file for reading; it sees what is committed, and never waits for a writer except while the log is recovered. */
export function openReader(path: string, settings: Pick<SqliteSettings, 'cacheMb'>): Connection {
  const connection = open(path, { timeout: 250 });
  try {
    connection.exec(`pragma query_only = on; pragma cache_size = -${settings.cacheMb * 1024}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Opens the file again after a connection was given up; a file that is gone is not silently replaced by an empty one. */
export function reopenWriter(path: string, settings: SqliteSettings): Connection {
  if (!existsSync(path)) throw new SemelError('store-unavailable', `the database ${path} was moved or deleted while it was open`);
  return openWriter(path, settings);
}

function open(path: string, options: { readonly timeout: number }): Connection {
  const { DatabaseSync: Constructor } = driver();
  try {
    return new Connection(new Constructor(path, options), path);
  } catch (error) {
    throw translateError(error, path);
  }
}

/** Loaded on first use, so that an old Node gets a sentence instead of a failed import. */
function driver(): typeof import('node:sqlite') {
  const loaded = process.getBuiltinModule?.('node:sqlite');
  if (loaded === undefined || !('isTransaction' in loaded.DatabaseSync.prototype || nodeHasIsTransaction())) {
    throw new SemelError('node-too-old', `the SQLite store needs Node.js 22.16 or later; this is ${process.version}`);
  }
  return loaded;
}

/** Some versions define `isTransaction` on each instance, so the version decides where the prototype does not. */
function nodeHasIsTransaction(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 16);
}
