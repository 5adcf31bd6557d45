import { formatSize } from '../../output/size.ts';
import { type Found, ok, warn } from '../finding.ts';
import { type Examination, type Trouble, warnAll } from './examination.ts';

const GIB = 1024 ** 3;

interface Slot {
  readonly name: string;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly status: string | null;
  readonly retained: number | null;
}

/** A slot keeps the log from being recycled until its reader has it: one that nobody reads fills the disk (trap 7). */
export async function slots({ connection }: Examination): Promise<Found> {
  const limit = await connection.get<{ text: string }>("select current_setting('max_slot_wal_keep_size') as text");
  const found = await connection.all<Slot>(SLOTS);
  const troubles = found.flatMap((slot) => troubleWith(slot, limit?.text === '-1'));
  if (troubles.length > 0) return warnAll(troubles);
  return ok(found.length === 0 ? 'no replication slot in this database' : found.map(({ name, retained }) => `${name} keeps ${formatSize(retained ?? 0)} of WAL`).join('; '));
}

const SLOTS = `select slot_name as name, active, wal_status as status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 as retained
  from pg_replication_slots where database = current_database() order by slot_name`;

function troubleWith({ name, active, status, retained }: Slot, unlimited: boolean): readonly Trouble[] {
  const drop = `\`select pg_drop_replication_slot('${name}')\``;
  const size = `${formatSize(retained ?? 0)} of WAL`;
  const cap = unlimited ? " Nothing limits it: `alter system set max_slot_wal_keep_size = '10GB'; select pg_reload_conf()`." : '';
  if (status === 'lost')
    return [{ found: `slot ${name} is lost: the server has removed what it was to read`, todo: `${drop}; its relay makes another, and takes what was missed from the table.` }];
  if (!active) return [{ found: `slot ${name}: nobody reads it, it keeps ${size}`, todo: `Start its reader; if that is gone for good, ${drop}.${cap}` }];
  if (status === 'unreserved')
    return [
      {
        found: `slot ${name} is about to be lost: it is ${size} behind`,
        todo: `See what its reader logs; \`alter system set max_slot_wal_keep_size = '${Math.ceil((2 * (retained ?? GIB)) / GIB)}GB'; select pg_reload_conf()\` gives it time.`,
      },
    ];
  if ((retained ?? 0) > GIB) return [{ found: `slot ${name} is ${size} behind`, todo: `See what its reader logs; without it, ${drop}.${cap}` }];
  return [];
}

/** A relay from the log needs more of it than a server writes by default. */
export async function walLevel({ connection }: Examination): Promise<Found> {
  const row = await connection.get<{ level: string; publication: string | null }>(
    "select current_setting('wal_level') as level, (select min(pubname) from pg_publication_tables where schemaname = '{s}') as publication",
  );
  const { level, publication } = row as NonNullable<typeof row>;
  if (publication === null || level === 'logical') return ok(publication === null ? `${level}; no publication asks for more` : level);
  return warn(`${level}: the publication ${publication} cannot be read from the log`, '`alter system set wal_level = logical`, then restart the server; until then relays poll.');
}
