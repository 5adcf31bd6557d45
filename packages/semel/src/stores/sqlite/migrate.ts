import { existsSync } from 'node:fs';
import { type AppliedStep, checkApplied, checksumOf, pendingSteps, requireUpToDate, type SchemaStatus, type SchemaStep, statusOf } from '../../core/schema-steps.ts';
import type { StoreContext } from '../../core/store.ts';
import { type Connection, openReader } from './connection.ts';
import { MIGRATIONS, SCHEMA_TABLE } from './migrations.ts';
import { absolutePath } from './sqlite-options.ts';
import type { Writer } from './writer.ts';

/** The SQL of all steps, for review or for a tool of one's own; such a tool records nothing, so prefer `semel migrate`. */
export function sqliteSchemaSql(): string {
  return `${SCHEMA_TABLE}\n${MIGRATIONS.map(({ version, name, sql }) => `-- ${version}: ${name}\n${sql}`).join('\n')}`;
}

/** Which steps the database at `path` has and lacks. Changes nothing; a file that does not exist lacks all. */
export function sqliteSchemaStatus(path: string): SchemaStatus {
  const file = absolutePath(path);
  if (!existsSync(file)) return statusOf(MIGRATIONS, []);
  const reader = openReader(file, { cacheMb: 1 });
  try {
    return statusOf(MIGRATIONS, appliedMigrations(reader));
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
  checkApplied(MIGRATIONS, applied);
  if (!apply) requireUpToDate(MIGRATIONS, applied);
  for (const migration of pendingSteps(MIGRATIONS, applied)) {
    await context.lifecycle.emit({ type: 'migrating' });
    await writer.transact((connection) => applyOne(connection, migration, context.runtime.clock.now()));
    await context.lifecycle.emit({ type: 'migrated' });
  }
}

function applyOne(connection: Connection, migration: SchemaStep, nowMs: number): void {
  const applied = appliedMigrations(connection);
  checkApplied(MIGRATIONS, applied);
  if (!pendingSteps(MIGRATIONS, applied).includes(migration)) return;
  connection.exec(SCHEMA_TABLE);
  connection.exec(migration.sql);
  const { version, name, oldest } = migration;
  connection.run('insert into semel_schema (version, name, checksum, applied_at_ms, oldest) values (?, ?, ?, ?, ?)', version, name, checksumOf(migration), nowMs, oldest);
}

function appliedMigrations(connection: Connection): readonly AppliedStep[] {
  const exists = connection.get("select 1 from sqlite_schema where type = 'table' and name = 'semel_schema'");
  if (exists === undefined) return [];
  return connection.all<AppliedStep>('select version, name, checksum, applied_at_ms as appliedAtMs, oldest from semel_schema order by version');
}
