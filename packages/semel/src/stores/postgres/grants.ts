import { SemelError } from '../../core/errors.ts';

/** Tells what the schema is; whoever owns nothing of it may look, and change nothing. */
const LOOK_ONLY: readonly string[] = ['schema_steps', 'store_identity'];

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

/** A role's name, as SQL takes it. @throws SemelError `bad-option` */
function quoted(role: string): string {
  if (role === '' || Buffer.byteLength(role) > 63 || role.includes('\0')) throw new SemelError('bad-option', `${JSON.stringify(role)} is no name of a role`);
  return `"${role.replaceAll('"', '""')}"`;
}
