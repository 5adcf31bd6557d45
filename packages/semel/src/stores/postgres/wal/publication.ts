import { SemelError } from '../../../core/errors.ts';
import type { PostgresDatabase } from '../postgres-database.ts';
import { postgresSettings } from '../postgres-options.ts';
import { Sql } from '../sql.ts';

/** What the outbox is published as, for those that read the log. */
export function publicationName(schema: string): string {
  return `semel_${schema}`.slice(0, 63);
}

/** Inserts are all that is needed: what becomes due later is found in the table. */
function publicationSql(schema: string): string {
  return new Sql(schema).compile(`create publication ${publicationName(schema)} for table {s}.messages with (publish = 'insert', publish_via_partition_root = true)`).text;
}

/**
 * The SQL that relaying by the log needs besides the tables. Their owner runs it, who may also create in the database; and the role of the
 * replication connection needs REPLICATION. It can be run again.
 * @param options `schema` @default 'semel'
 */
export function postgresReplicationSql(options: { readonly schema?: string } = {}): string {
  const { schema } = postgresSettings('postgresReplicationSql', options);
  return `do $publication$ begin
if not exists (select from pg_publication where pubname = '${publicationName(schema)}') then
${publicationSql(schema)};
end if;
end $publication$;
`;
}

/**
 * Checks, before anything is started, what the log can be read with; makes the publication where it may.
 * @throws SemelError `capability-missing` where the server does not write what is needed into its log, `schema-missing` where there is no publication
 */
export async function preparePublication(database: PostgresDatabase): Promise<void> {
  const { schema, migrate } = database.settings;
  const name = publicationName(schema);
  const found = await database.pool.get<{ level: string; exists: boolean }>(`select current_setting('wal_level') as level, exists (${FIND}) as exists`, name);
  if (found?.level !== 'logical') {
    const text = `relaying by the log needs wal_level = logical, and here it is ${found?.level}: set it in postgresql.conf and restart the server, or relay in mode 'poll'`;
    throw new SemelError('capability-missing', text, { details: { walLevel: found?.level } });
  }
  if (found.exists) return;
  if (!migrate)
    throw new SemelError(
      'schema-missing',
      `the publication ${name} is missing; open the store once with \`migrate: true\`, or run as the owner of the tables: ${publicationSql(schema)}`,
    );
  await database.quietly(async (connection) => {
    await connection.get("select pg_advisory_xact_lock(hashtext('semel migrate'), hashtext('{s}'))::text");
    if ((await connection.get(FIND, name)) === undefined) await connection.all(publicationSql(schema));
  });
}

const FIND = 'select 1 as one from pg_publication where pubname = $1';
