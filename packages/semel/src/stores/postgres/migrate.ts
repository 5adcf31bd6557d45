import { isSemelError } from '../../core/errors.ts';
import type { Runtime } from '../../core/runtime.ts';
import { type AppliedStep, checkApplied, checksumOf, pendingSteps, requireUpToDate, type SchemaStatus, type SchemaStep, statusOf } from '../../core/schema-steps.ts';
import type { StoreContext } from '../../core/store.ts';
import { type Connection, OwnStatements } from './connection.ts';
import type { SqlRunner } from './driver.ts';
import { grantsTo } from './grants.ts';
import { MIGRATIONS, SCHEMA, SCHEMA_TABLE } from './migrations.ts';
import { type PostgresSettings, postgresSettings } from './postgres-options.ts';
import { Sql } from './sql.ts';

/**
 * The SQL of all steps, to be run by hand by a role that may create a schema. It records them as `semel migrate` does and passes over those that were
 * made, so the script of a newer version can be run over an older one's.
 * @param options `role`: adds what has to be granted to a role that owns nothing. `schema` @default 'semel'
 */
export function postgresSchemaSql(options: { readonly schema?: string; readonly role?: string } = {}): string {
  const { schema } = postgresSettings('postgresSchemaSql', options.schema === undefined ? {} : { schema: options.schema });
  const sql = new Sql(schema);
  const steps = MIGRATIONS.map((step) => `-- ${step.version}: ${step.name}\n${onceOnly(step)}`);
  const grants = options.role === undefined ? [] : [grantsTo(options.role)];
  return sql.compile(['begin;', `${LOCK};`, SCHEMA, SCHEMA_TABLE, ...steps, ...grants, 'commit;\n'].join('\n')).text;
}

/** The database whose schema it is about. */
interface Migrated {
  readonly driver: { readonly pool: SqlRunner };
  readonly sql: Sql;
  readonly settings: PostgresSettings;
  quietly<Result>(body: (connection: Connection) => Promise<Result>, runtime: Runtime): Promise<Result>;
}

/** Which steps a schema has and lacks. Changes nothing. */
export async function schemaStatus(connection: Connection, schema: string): Promise<SchemaStatus> {
  return statusOf(MIGRATIONS, await appliedSteps(connection, schema));
}

/**
 * Brings the schema up to date, or, with `apply` false, only checks it. Many processes may do so at once: each step is one
 * transaction, which looks again under a lock that is the transaction's own.
 * @throws SemelError `schema-missing`, `schema-outdated`, `schema-newer`, `schema-changed`
 */
export async function migrate(database: Migrated, apply: boolean, context: StoreContext): Promise<void> {
  const { schema } = database.settings;
  const applied = await appliedSteps(new OwnStatements(database.driver.pool, database.sql), schema);
  checkApplied(MIGRATIONS, applied);
  if (!apply) return requireUpToDate(MIGRATIONS, applied);
  for (const step of pendingSteps(MIGRATIONS, applied)) {
    await context.lifecycle.emit({ type: 'migrating' });
    await givingWay(() => database.quietly((connection) => applyOne(connection, step, schema), context.runtime), context.runtime);
    await context.lifecycle.emit({ type: 'migrated' });
  }
}

/**
 * How long a step waits for a table that is at work, and everybody who comes after it with it. Less than `deadlock_timeout`: others lock the same tables in another order, and
 * it is the step that gives way and begins again, or the server ends one of the two.
 */
const WAIT_MS = 500;
const ATTEMPTS = 100;
const PAUSE_MS = 250;

async function givingWay(apply: () => Promise<void>, { scheduler, random }: StoreContext['runtime']): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await apply();
    } catch (error) {
      if (attempt === ATTEMPTS || !(isSemelError(error, 'store-busy') || isSemelError(error, 'store-conflict'))) throw error;
      await scheduler.sleep(PAUSE_MS * random());
    }
  }
}

async function applyOne(connection: Connection, step: SchemaStep, schema: string): Promise<void> {
  await connection.get(LOCK);
  await connection.all(`select set_config('lock_timeout', '${WAIT_MS}ms', true)`);
  const applied = await appliedSteps(connection, schema);
  checkApplied(MIGRATIONS, applied);
  if (!pendingSteps(MIGRATIONS, applied).includes(step)) return;
  const hasSchema = (await connection.get<{ exists: boolean }>('select exists (select 1 from pg_namespace where nspname = $1) as exists', schema))?.exists;
  const tables = applied.length > 0 ? '' : SCHEMA_TABLE; // where it exists there would be a notice, which some clients print
  const script = `${hasSchema ? '' : SCHEMA}${tables}${step.sql}${recordOf(step)}`; // who owns the schema need not be allowed to create one
  for (const statement of statementsOf(script)) await connection.all(statement);
}

/** One at a time migrates a schema. */
const LOCK = "select pg_advisory_xact_lock(hashtext('semel migrate'), hashtext('{s}'))::text";

/** One by one: not every client takes several at once. No statement of a step holds a semicolon of its own. */
export function statementsOf(script: string): readonly string[] {
  return script.split(/;\s*\n/).filter((statement) => statement.trim() !== '');
}

function recordOf(step: SchemaStep): string {
  const { version, name, oldest } = step;
  return `insert into {s}.schema_steps (version, name, checksum, applied_at_ms, oldest) values (${version}, '${name}', '${checksumOf(step)}', {now}, '${oldest}');\n`;
}

/** The step, unless it was made. */
function onceOnly(step: SchemaStep): string {
  return `do $step$ begin
if exists (select from {s}.schema_steps where version = ${step.version}) then return; end if;
${step.sql}${recordOf(step)}end $step$;
`;
}

/** None where the schema is not there. Asked of the catalog itself: `to_regclass` may answer from a cache that is older than the lock. */
async function appliedSteps(connection: Connection, schema: string): Promise<readonly AppliedStep[]> {
  const found = await connection.get<{ exists: boolean }>(FIND, schema);
  if (!found?.exists) return [];
  return connection.all<AppliedStep>('select version, name, checksum, applied_at_ms::float8 as "appliedAtMs", oldest from {s}.schema_steps order by version');
}

const FIND = "select exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = 'schema_steps') as exists";
