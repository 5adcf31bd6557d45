import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SemelError } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';
import { sqlite, sqliteSchemaSql, sqliteSchemaStatus } from '../../stores/sqlite/index.ts';
import type { Finding, Thresholds } from '../doctor/finding.ts';
import { examineSqlite } from '../doctor/sqlite-checks.ts';
import type { Schema, SchemaOptions, Target } from './target.ts';

/** A {@link Target} in an SQLite file. */
export class SqliteTarget implements Target {
  readonly address: string;
  readonly #path: string;

  /** @param path of the file; a relative one is resolved now */
  constructor(path: string) {
    this.#path = resolve(path);
    this.address = `sqlite:${this.#path}`;
  }

  /** Looks before it opens: opening for writing would turn a stranger's database to write-ahead logging. */
  async existing(): Promise<Store> {
    this.#requireFile();
    if ((await this.schemaStatus()).applied.length === 0) throw new SemelError('schema-missing', `the database ${this.#path} has none of Semel's tables`);
    return sqlite(this.#path, { migrate: false });
  }

  async migrating(): Promise<Store> {
    return sqlite(this.#path);
  }

  schemaSql(options: SchemaOptions = {}): string {
    if (Object.keys(options).length > 0) throw new SemelError('bad-option', 'SQLite has no roles, schemas and publications: --role, --schema and --publication are for Postgres');
    return sqliteSchemaSql();
  }

  async schemaStatus(): Promise<Schema> {
    return sqliteSchemaStatus(this.#path);
  }

  async examine(thresholds: Thresholds, role?: string): Promise<readonly Finding[]> {
    if (role !== undefined) throw new SemelError('bad-option', 'SQLite has no roles: --role is for Postgres');
    this.#requireFile();
    return examineSqlite(this.#path, thresholds);
  }

  /** Whatever it opens it closes at once. */
  async close(): Promise<void> {}

  #requireFile(): void {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found === undefined) throw new SemelError('store-missing', `there is no file ${this.#path}`);
    if (!found.isFile()) throw new SemelError('store-missing', `${this.#path} is not a file`);
  }
}
