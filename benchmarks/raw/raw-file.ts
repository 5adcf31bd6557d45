import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Opens a file by hand, with the settings that the store opens it with. */
export function openRaw(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -65536; pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 67108864',
  );
  return database;
}

/** Begins and ends transactions with prepared statements. */
export class RawTransactions {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  constructor(database: DatabaseSync) {
    this.#begin = database.prepare('begin immediate');
    this.#commit = database.prepare('commit');
  }

  run<Result>(body: () => Result): Result {
    this.#begin.run();
    const result = body();
    this.#commit.run();
    return result;
  }
}
