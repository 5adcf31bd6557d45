import { formatSize } from '../../output/size.ts';
import { type Found, ok, warn } from '../finding.ts';
import { commands, type Examination, setting, type Trouble, warnAll } from './examination.ts';

const GIB = 1024 ** 3;

interface Slot {
  readonly name: string;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly status: string | null;
  readonly retained: number;
  /** What more may be written before the slot can be lost; null where nothing limits what it keeps. */
  readonly safe: number | null;
}

/** A slot keeps the log from being recycled until its reader has it: one that nobody reads fills the disk (trap 7). */
export async function slots({ connection }: Examination): Promise<Found> {
  const found = await connection.all<Slot>(SLOTS);
  const troubles = found.flatMap(troubleWith);
  if (troubles.length > 0) return warnAll(troubles);
  return ok(found.length === 0 ? 'no replication slot in this database' : found.map((slot) => `${slot.name} ${keeping(slot)}`).join('; '));
}

const SLOTS = `select slot_name as name, active, wal_status as status, safe_wal_size::float8 as safe, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 as retained
  from pg_replication_slots where database = current_database() order by slot_name`;

function troubleWith(slot: Slot): readonly Trouble[] {
  const { name, active, status, retained, safe } = slot;
  const drop = `\`select pg_drop_replication_slot('${name}')\``;
  if (status === 'lost')
    return [{ found: `slot ${name} is lost: the server has removed what it was to read`, todo: `${drop}; its relay makes another, and takes what was missed from the table.` }];
  if (status === 'unreserved') {
    const time = commands(setting('max_slot_wal_keep_size', `'${Math.ceil((2 * retained) / GIB)}GB'`));
    return [{ found: `slot ${name} is about to be lost: it ${keeping(slot)}`, todo: `Let its reader go on; ${time} gives it time.` }];
  }
  if (active && retained <= GIB) return [];
  const limit = safe === null ? ` Nothing limits it: ${commands(setting('max_slot_wal_keep_size', "'10GB'"))} lets it be lost before the disk is full.` : '';
  if (active) return [{ found: `slot ${name} ${keeping(slot)}: its reader is behind`, todo: `See what it logs; without it, ${drop}.${limit}` }];
  return [{ found: `slot ${name} ${keeping(slot)}, and nobody reads it`, todo: `Start its reader; if that is gone for good, ${drop}.${limit}` }];
}

function keeping({ retained, safe }: Slot): string {
  return `keeps ${formatSize(retained)} of the log${safe === null || safe <= 0 ? '' : `, and may be lost after another ${formatSize(safe)}`}`;
}

/** A relay from the log needs more in it than a server writes by default. */
export async function walLevel({ connection }: Examination): Promise<Found> {
  const row = await connection.get<{ level: string; publication: string | null }>(
    "select current_setting('wal_level') as level, (select min(pubname) from pg_publication_tables where schemaname = '{s}') as publication",
  );
  const { level, publication } = row as NonNullable<typeof row>;
  if (publication === null) return ok(`${level}; no publication asks for more`);
  if (level === 'logical') return ok(level);
  return warn(`${level}: the publication ${publication} cannot be read from the log`, '`alter system set wal_level = logical`, then restart the server; until then relays poll.');
}
