import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { SemelError } from '../../core/errors.ts';
import type { StoreContext } from '../../core/store.ts';
import { VERSION } from '../../core/version.ts';
import { type Connection, openReader } from './connection.ts';
import { MIGRATIONS, type Migration, SCHEMA_TABLE } from './migrations.ts';
import { absolutePath } from './sqlite-options.ts';
import type { Writer } from './writer.ts';

/** A step that a database went through. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly appliedAtMs: number;
  readonly oldest: string;
}

/** What a database has, and what it lacks. */
export interface SchemaStatus {
  readonly applied: readonly AppliedMigration[];
  readonly pending: readonly { readonly version: number; readonly name: string }[];
}

/** The SQL of all steps, for review or for a tool of one's own; such a tool records nothing, so prefer `semel migrate`. */
export function sqliteSchemaSql(): string {
  return `${SCHEMA_TABLE}\n${MIGRATIONS.map(({ version, name, sql }) => `-- ${version}: ${name}\n${sql}`).join('\n')}`;
}

/** Which steps the database at `path` has and lacks. Changes nothing; a file that does not exist lacks all. */
export function sqliteSchemaStatus(path: string): SchemaStatus {
  const file = absolutePath(path);
  if (!existsSync(file)) return { applied: [], pending: pending([]) };
  const reader = openReader(file, { cacheMb: 1 });
  try {
    const applied = appliedMigrations(reader);
    return { applied, pending: pending(applied).map(({ version, name }) => ({ version, name })) };
  } finally {
    reader.close();
  }
}

/**
 * Brings the schema up to date, or, with `apply` false, only checks it. Several processes may do so at once: each step is one
 * transaction, which looks again under the lock.
 * @throws SemelError `schema-missing`, `schema-outdated`, `schema-newer`, `schema-changed`
 */
export async function migrate(writer: Writer, apply: boolean, context: StoreContext): Promise<void> {
  const applied = await writer.transact(appliedMigrations);
  checkApplied(applied);
  const missing = pending(applied);
  if (missing.length > 0 && !apply) {
    throw applied.length === 0
      ? new SemelError('schema-missing', "the database has none of Semel's tables")
      : new SemelError('schema-outdated', `the schema lacks ${missing.map(({ version, name }) => `${version} (${name})`).join(', ')}`);
  }
  for (const migration of missing) {
    await context.lifecycle.emit({ type: 'migrating' });
    await writer.transact((connection) => applyOne(connection, migration, context.runtime.clock.now()));
    await context.lifecycle.emit({ type: 'migrated' });
  }
}

function applyOne(connection: Connection, migration: Migration, nowMs: number): void {
  const applied = appliedMigrations(connection);
  checkApplied(applied);
  if (!pending(applied).includes(migration)) return;
  connection.exec(SCHEMA_TABLE);
  connection.exec(migration.sql);
  const { version, name, oldest } = migration;
  connection.run('insert into semel_schema (version, name, checksum, applied_at_ms, oldest) values (?, ?, ?, ?, ?)', version, name, checksum(migration), nowMs, oldest);
}

function appliedMigrations(connection: Connection): readonly AppliedMigration[] {
  const exists = connection.get("select 1 from sqlite_schema where type = 'table' and name = 'semel_schema'");
  if (exists === undefined) return [];
  return connection.all<AppliedMigration>('select version, name, checksum, applied_at_ms as appliedAtMs, oldest from semel_schema order by version');
}

/** An unknown step of a newer Semel is fine as long as it still admits this version: that is how a rolling upgrade works. */
function checkApplied(applied: readonly AppliedMigration[]): void {
  for (const { version, name, oldest, checksum: recorded } of applied) {
    if (isOlder(VERSION, oldest))
      throw new SemelError('schema-newer', `the schema step ${version} (${name}) needs Semel ${oldest} or later; this is ${VERSION}`, { details: { oldest } });
    const known = MIGRATIONS.find((migration) => migration.version === version);
    if (known !== undefined && checksum(known) !== recorded)
      throw new SemelError('schema-changed', `the schema step ${version} (${name}) was applied in another form than this version ships`);
  }
}

function pending(applied: readonly AppliedMigration[]): readonly Migration[] {
  return MIGRATIONS.filter(({ version }) => !applied.some((done) => done.version === version));
}

function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('base64url');
}

function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(/[.+-]/, 3).map(Number);
  const [a, b] = [parts(version), parts(than)];
  const index = a.findIndex((part, at) => part !== b[at]);
  return index >= 0 && (a[index] ?? 0) < (b[index] ?? 0);
}
