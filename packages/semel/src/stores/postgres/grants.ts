import { SemelError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
import { MIGRATIONS, SCHEMA_TABLE } from './migrations.ts';

/** Tells what the schema is; whoever owns nothing of it may look, and change nothing. */
const LOOK_ONLY: readonly string[] = ['schema_steps', 'store_identity'];

/** The tables that the migrations make. */
const TABLES: readonly string[] = [...[SCHEMA_TABLE, ...MIGRATIONS.map(({ sql }) => sql)].join('').matchAll(/create table (?:if not exists )?\{s\}\.(\w+)/g)].map(
  ([, name]) => name as string,
);

/** The SQL that lets a role which owns nothing run a service, and covers what later steps of the same owner make. */
export function grantsTo(role: string): string {
  const name = quoted(role);
  return `grant usage on schema {s} to ${name};
grant select, insert, update, delete on all tables in schema {s} to ${name};
revoke insert, update, delete on ${LOOK_ONLY.map((table) => `{s}.${table}`).join(', ')} from ${name};
grant usage on all sequences in schema {s} to ${name};
alter default privileges in schema {s} grant select, insert, update, delete on tables to ${name};
alter default privileges in schema {s} grant usage on sequences to ${name};
`;
}

/** What a role lacks, as the statements that grant it; undefined where there is no such role. @param role @default the connection's own */
export async function missingGrants(connection: Connection, role: string | undefined): Promise<{ readonly role: string; readonly grants: readonly string[] } | undefined> {
  const rows = await connection.all<{ role: string; missing: string | null }>(MISSING, role ?? null, `{${TABLES.join()}}`, `{${LOOK_ONLY.join()}}`);
  const name = rows[0]?.role;
  if (name === undefined) return undefined;
  return { role: name, grants: rows.flatMap(({ missing }) => (missing === null ? [] : [`grant ${missing} to ${quoted(name)}`])) };
}

/** One row at least for a role that exists; where there is no schema it lacks nothing. */
const MISSING = `with given as (
    select r.rolname as role, r.oid, n.oid as namespace from pg_roles r left join pg_namespace n on n.nspname = '{s}' where r.rolname = coalesce($1::text, current_user)
  ), lacking as (
    select 'usage' as privileges, 'schema ' as kind, '{s}' as name from given where not has_schema_privilege(oid, namespace, 'usage')
    union all
    select string_agg(privilege, ', ' order by array_position('{select,insert,update,delete}', privilege)), '', '{s}.' || c.relname
    from given g join pg_class c on c.relnamespace = g.namespace and c.relname = any($2::text[]), unnest('{select,insert,update,delete}'::text[]) privilege
    where (privilege = 'select' or c.relname <> all($3::text[])) and not has_table_privilege(g.oid, c.oid, privilege)
    group by c.relname
    union all
    select 'usage', 'sequence ', '{s}.' || c.relname
    from given g join pg_class c on c.relnamespace = g.namespace and c.relkind = 'S' where not has_sequence_privilege(g.oid, c.oid, 'usage')
  ), together as (
    select privileges || ' on ' || kind || string_agg(name, ', ' order by name) as missing from lacking group by kind, privileges
  ) select g.role, t.missing from given g left join together t on true order by t.missing`;

/** A role's name, as SQL takes it. @throws SemelError `bad-option` */
function quoted(role: string): string {
  if (role === '' || Buffer.byteLength(role) > 63 || role.includes('\0')) throw new SemelError('bad-option', `${JSON.stringify(role)} is no name of a role`);
  return `"${role.replaceAll('"', '""')}"`;
}
