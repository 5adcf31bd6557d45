import { type Drift, schemaDrift } from '../../../stores/postgres/drift.ts';
import { missingGrants } from '../../../stores/postgres/grants.ts';
import { schemaStatus } from '../../../stores/postgres/migrate.ts';
import { type Found, fail, ok, warn } from '../finding.ts';
import type { Examination } from './examination.ts';

/** What the role that runs the service may do. */
export async function grants({ connection, schema, role }: Examination): Promise<Found> {
  const missing = await missingGrants(connection, role);
  if (missing === undefined && role !== undefined)
    return fail(`there is no role ${role}, or no schema ${schema}`, 'Check the name; `semel migrate --print --role <name>` prints what makes the schema and grants it.');
  if (missing === undefined) return ok('no schema yet');
  if (missing.grants.length === 0) return ok(`${missing.role} has what a service needs`);
  return fail(`${missing.role} lacks ${missing.grants.length === 1 ? 'a grant' : `${missing.grants.length} grants`}`, `\`${missing.grants.join('; ')}\`.`);
}

/** Every step of this version was made. */
export async function schema({ connection, schema: name }: Examination): Promise<Found> {
  const { applied, pending } = await schemaStatus(connection, name);
  if (applied.length === 0) return fail(`the schema ${name} has none of Semel's tables`, 'Is it the right database, and the right `?schema=`? `semel migrate` makes them.');
  if (pending.length === 0) return ok(`up to date, step ${applied.at(-1)?.version}`);
  return fail(`lacks ${pending.map(({ version, name: step }) => `step ${version} (${step})`).join(', ')}`, 'Run `semel migrate`.');
}

/** The tables are what the steps made of them. */
export async function drift({ connection, temporary, schema: name }: Examination): Promise<Found> {
  const may = await connection.get<{ temporary: boolean; database: string; role: string }>(
    "select has_database_privilege(current_database(), 'temporary') as temporary, quote_ident(current_database()) as database, quote_ident(current_user) as role",
  );
  if (!may?.temporary) return warn('not looked for: the role may make no temporary tables to compare with', `\`grant temporary on database ${may?.database} to ${may?.role}\`.`);
  const drifts = await schemaDrift(connection, temporary, name);
  const told = drifts.map(({ kind, what }) => (kind === 'altered' ? what : `${kind}: ${what}`)).join('; ');
  if (drifts.length === 0) return ok('the tables are as they were made');
  return drifts.every(({ kind }) => kind === 'extra')
    ? warn(told, `Unless you want it: ${mends(drifts)}.`)
    : fail(told, `${mends(drifts.filter(({ kind }) => kind !== 'extra'))}.`);
}

function mends(drifts: readonly Drift[]): string {
  return drifts.map(({ mend }) => `\`${mend}\``).join(', ');
}
