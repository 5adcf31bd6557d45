import { type Drift, schemaDrift } from '../../../stores/postgres/drift.ts';
import { missingGrants } from '../../../stores/postgres/grants.ts';
import { schemaStatus } from '../../../stores/postgres/migrate.ts';
import { MIGRATIONS } from '../../../stores/postgres/migrations.ts';
import { type Found, fail, ok, warn } from '../finding.ts';
import { commands, type Examination } from './examination.ts';

/** What the role that runs the service may do. */
export async function grants({ connection, role }: Examination): Promise<Found> {
  const missing = await missingGrants(connection, role);
  if (missing === undefined) return fail(`there is no role ${role}`, 'Check the name; `semel migrate --print --role <name>` prints what a role needs.');
  if (missing.grants.length === 0) return ok(`${missing.role} lacks none`);
  return fail(`${missing.role} may not do what a service does`, `${commands(missing.grants)}.`);
}

/** Every step of this version was made. */
export async function schema({ connection, schema: name }: Examination): Promise<Found> {
  const { applied, pending } = await schemaStatus(connection, name);
  if (applied.length === 0) return fail(`the schema ${name} has none of Semel's tables`, 'Is it the right database, and the right `?schema=`? `semel migrate` makes them.');
  if (pending.length === 0) return ok(`up to date, step ${applied.at(-1)?.version}`);
  return fail(`lacks ${listed(pending)}`, 'Run `semel migrate`.');
}

/** The tables are what the steps made of them. */
export async function drift({ connection, temporary, schema: name }: Examination): Promise<Found> {
  const newer = (await schemaStatus(connection, name)).applied.filter(({ version }) => !MIGRATIONS.some((step) => step.version === version));
  if (newer.length > 0) return ok(`not looked for: a newer Semel made ${listed(newer)}, and its own doctor knows what that made`);
  const may = await connection.get<{ temporary: boolean; database: string; role: string }>(
    "select has_database_privilege(current_database(), 'temporary') as temporary, quote_ident(current_database()) as database, quote_ident(current_user) as role",
  );
  if (!may?.temporary) return warn('not looked for: the role may make no temporary tables to compare with', `\`grant temporary on database ${may?.database} to ${may?.role}\`.`);
  return foundOf(await schemaDrift(connection, temporary, name));
}

function listed(steps: readonly { readonly version: number; readonly name: string }[]): string {
  return steps.map(({ version, name }) => `step ${version} (${name})`).join(', ');
}

/** What is there beside the schema harms only where it is not wanted; a service relies on the rest. */
function foundOf(drifts: readonly Drift[]): Found {
  if (drifts.length === 0) return ok('the tables are as they were made');
  const told = drifts.map(({ kind, what }) => (kind === 'altered' ? what : `${kind}: ${what}`)).join('; ');
  const harmful = drifts.filter(({ kind }) => kind !== 'extra');
  return harmful.length === 0 ? warn(told, `Unless you want it: ${mending(drifts)}.`) : fail(told, `${mending(harmful)}.`);
}

function mending(drifts: readonly Drift[]): string {
  return commands(drifts.flatMap(({ mends }) => mends));
}
