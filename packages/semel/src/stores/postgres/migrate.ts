import { SemelError } from '../../core/errors.ts';
import { type AppliedStep, checkApplied, checksumOf, pendingSteps, requireUpToDate, type SchemaStatus, type SchemaStep, statusOf } from '../../core/schema-steps.ts';
import type { StoreContext } from '../../core/store.ts';
import { MIGRATIONS, SCHEMA_TABLE } from './migrations.ts';
import { type Connection, OwnStatements, type PostgresDatabase } from './postgres-database.ts';
import { postgresSettings } from './postgres-options.ts';
import { Sql } from './sql.ts';

/**
 * The SQL of all steps, to be run by hand by a role that may create a schema; it records the steps as `semel migrate` does.
 * @param options `role`: adds what has to be granted to a role that owns nothing. `schema` @default 'semel'
 */
export function postgresSchemaSql(options: { readonly schema?: string; readonly role?: string } = {}): string {
  const { schema } = postgresSettings('postgresSchemaSql', options.schema === undefined ? {} : { schema: options.schema });
  const sql = new Sql(schema);
  const steps = MIGRATIONS.map((step) => `-- ${step.version}: ${step.name}\n${step.sql}${recordOf(step)}`);
  const grants = options.role === undefined ? [] : [grantsTo(options.role)];
  return sql.compile(['begin;', SCHEMA_TABLE, ...steps, ...grants, 'commit;\n'].join('\n')).text;
}

/** Which steps the database has and lacks. Changes nothing. */
export async function schemaStatus(database: PostgresDatabase): Promise<SchemaStatus> {
  return statusOf(MIGRATIONS, await appliedSteps(new OwnStatements(database.driver.pool, database.sql), database.settings.schema));
}

/**
 * Brings the schema up to date, or, with `apply` false, only checks it. Many processes may do so at once: each step is one
 * transaction, which looks again under a lock that is the transaction's own.
 * @throws SemelError `schema-missing`, `schema-outdated`, `schema-newer`, `schema-changed`
 */
export async function migrate(database: PostgresDatabase, apply: boolean, context: StoreContext): Promise<void> {
  const { schema } = database.settings;
  const applied = await appliedSteps(new OwnStatements(database.driver.pool, database.sql), schema);
  checkApplied(MIGRATIONS, applied);
  if (!apply) return requireUpToDate(MIGRATIONS, applied);
  for (const step of pendingSteps(MIGRATIONS, applied)) {
    await context.lifecycle.emit({ type: 'migrating' });
    await database.quietly((connection) => applyOne(connection, step, schema), context.runtime);
    await context.lifecycle.emit({ type: 'migrated' });
  }
}

async function applyOne(connection: Connection, step: SchemaStep, schema: string): Promise<void> {
  await connection.get("select pg_advisory_xact_lock(hashtext('semel migrate'), hashtext($1))", schema);
  const applied = await appliedSteps(connection, schema);
  checkApplied(MIGRATIONS, applied);
  if (!pendingSteps(MIGRATIONS, applied).includes(step)) return;
  for (const statement of statementsOf(`${SCHEMA_TABLE}${step.sql}${recordOf(step)}`)) await connection.all(statement);
}

/** One by one: not every client takes several at once. No statement of a step holds a semicolon of its own. */
function statementsOf(script: string): readonly string[] {
  return script.split(/;\s*\n/).filter((statement) => statement.trim() !== '');
}

function recordOf(step: SchemaStep): string {
  const { version, name, oldest } = step;
  return `insert into {s}.schema_steps (version, name, checksum, applied_at_ms, oldest) values (${version}, '${name}', '${checksumOf(step)}', {now}, '${oldest}');\n`;
}

function grantsTo(role: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_$]{0,62}$/.test(role)) throw new SemelError('bad-option', `${JSON.stringify(role)} is no name of a role`);
  return `grant usage on schema {s} to "${role}";
grant select, insert, update, delete on all tables in schema {s} to "${role}";
grant usage on all sequences in schema {s} to "${role}";
`;
}

/** None where the schema is not there. */
async function appliedSteps(connection: Connection, schema: string): Promise<readonly AppliedStep[]> {
  const found = await connection.get<{ exists: boolean }>('select to_regclass($1) is not null as exists', `${schema}.schema_steps`);
  if (!found?.exists) return [];
  return connection.all<AppliedStep>('select version, name, checksum, applied_at_ms::float8 as "appliedAtMs", oldest from {s}.schema_steps order by version');
}
