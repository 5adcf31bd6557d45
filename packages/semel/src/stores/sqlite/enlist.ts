import { realpathSync } from 'node:fs';
import { SemelError } from '../../core/errors.ts';
import type { Stage } from '../../core/store.ts';
import { Connection, type Database } from './connection.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { writeMessages } from './stage.ts';

/** The users' connections, with the statements that were prepared on them. */
const connections = new WeakMap<object, Connection>();

/**
 * A stage on a transaction that the user opened on the same file; each message is written, and refused, at once.
 * @throws SemelError `foreign-transaction`
 */
export function enlist(file: SqliteFile, tx: unknown): Stage {
  const path = file.reader.path;
  if (!isDatabase(tx)) throw new SemelError('foreign-transaction', 'tx is not a DatabaseSync of node:sqlite');
  checkOpen(tx);
  if (!isSameFile(tx.location(), path)) throw new SemelError('foreign-transaction', `tx is a transaction of another database than ${path}`);
  let connection = connections.get(tx);
  if (connection === undefined) {
    connection = new Connection(tx, path);
    connections.set(tx, connection);
  }
  const own = connection;
  return {
    async stage(sealed, options) {
      checkOpen(tx);
      writeMessages(own, [options?.notBeforeMs === undefined ? { sealed } : { sealed, notBeforeMs: options.notBeforeMs }], file.nowMs);
    },
  };
}

function checkOpen(database: Database): void {
  if (!database.isTransaction) throw new SemelError('foreign-transaction', 'tx has no open transaction: begin one first, with BEGIN IMMEDIATE');
}

function isDatabase(value: unknown): value is Database {
  return typeof value === 'object' && value !== null && 'prepare' in value && 'location' in value && typeof value.location === 'function' && 'isTransaction' in value;
}

function isSameFile(location: string | null, path: string): boolean {
  if (location === null || location === '') return false;
  try {
    return realpathSync(location) === realpathSync(path);
  } catch {
    return false;
  }
}
