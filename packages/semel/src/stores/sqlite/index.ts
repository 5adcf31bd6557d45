import type { Store } from '../../core/store.ts';
import type { SqliteOptions } from './sqlite-options.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { SqliteTransaction } from './transaction-handle.ts';

export type { AppliedStep, SchemaStatus } from '../../core/schema-steps.ts';
export type { SqliteValue } from './connection.ts';
export { sqliteSchemaSql, sqliteSchemaStatus } from './migrate.ts';
export type { SqliteOptions } from './sqlite-options.ts';
export type { SqliteArguments, SqliteParameters, SqliteRow, SqliteStatement, SqliteTransaction } from './transaction-handle.ts';

/**
 * A store on one SQLite file, for all processes of one machine, through `node:sqlite`. It opens nothing until the engine starts;
 * then it makes the file, its `-wal` and `-shm` companions and, unless told otherwise, the tables (prefix `semel_`).
 *
 * @param path of the file; a relative one is resolved when the store opens
 * @throws SemelError `bad-option`; later, from `open`: `node-too-old`, `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: sqlite('shop.db') });
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store<SqliteTransaction> {
  return new SqliteStore(path, options);
}
