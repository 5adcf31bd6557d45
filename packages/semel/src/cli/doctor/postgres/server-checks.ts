import { formatDuration } from '../../../core/duration.ts';
import { type Found, fail, ok, warn } from '../finding.ts';
import { commands, type Examination, setting } from './examination.ts';

const OLDEST = 150_000;
const SKEW_MS = 10_000;
const CROWDED = 0.8;
const FULL_QUEUE = 0.1;

/** A version that Semel can work with, that takes writes. With a pooler before it nothing is wrong; but who waits for a wake-up should know why none comes. */
export async function server({ connection, isPooled }: Examination): Promise<Found> {
  const row = await connection.get<{ version: string; number: number; replica: boolean }>(
    "select current_setting('server_version') as version, current_setting('server_version_num')::int as number, pg_is_in_recovery() as replica",
  );
  const { version, number, replica } = row as NonNullable<typeof row>;
  if (number < OLDEST) return fail(`Postgres ${version}: Semel needs 15 or later`, 'Upgrade the server: `pg_upgrade`, or a dump and a restore.');
  if (replica)
    return fail(
      `Postgres ${version}, a replica: it takes no writes, and its records lag behind`,
      'Give the address of the primary; `select pg_promote()` makes this one the primary.',
    );
  const pooler = (await isPooled()) ? ', behind a pooler that shares connections by transaction: workers poll, for no NOTIFY reaches them' : '';
  return ok(`Postgres ${version}${pooler}`);
}

/** The database's clock rules leases and windows; this machine's rules the times that people name. */
export async function clock({ connection, nowMs }: Examination): Promise<Found> {
  const beforeMs = nowMs();
  const row = await connection.get<{ nowMs: number; latestMs: number }>(CLOCK);
  const { nowMs: databaseMs, latestMs } = row as NonNullable<typeof row>;
  const skewMs = databaseMs - (beforeMs + nowMs()) / 2;
  if (Math.abs(skewMs) > SKEW_MS) {
    const found = `the database's clock is ${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`;
    return warn(found, 'Compare both with the time service, `chronyc tracking` or `timedatectl`: pauses, delays and ranges that people name are off by as much.');
  }
  if (latestMs <= databaseMs + SKEW_MS) return ok('agrees with this machine; no row is stamped later than now');
  const found = `the newest row was written ${formatDuration(latestMs - databaseMs)} in the future`;
  return warn(found, "The database's clock was ahead then, or is behind now; leases go by it: look at the time service of its machine, `chronyc tracking` or `timedatectl`.");
}

/** The newest message and dead letter by number, as an index by time would cost every message a write. */
const CLOCK = `select {now}::float8 as "nowMs", greatest(0,
    (select max(greatest(joined_at_ms, seen_at_ms)) from {s}.subscriptions),
    (select published_at_ms from {s}.messages order by seq desc limit 1),
    (select died_at_ms from {s}.dead_letters order by dead_letter_id desc limit 1))::float8 as "latestMs"`;

interface Setting {
  readonly name: string;
  readonly source: string;
  readonly database: string;
  readonly role: string;
}

/** What was committed, and acknowledged to a broker, must outlast the power. */
export async function durability({ connection }: Examination): Promise<Found> {
  const off = await connection.all<Setting>(`select name, source, quote_ident(current_database()) as database, quote_ident(current_user) as role
    from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`);
  if (off.length === 0) return ok('a commit is on the disk before it is answered');
  return fail(`${off.map(({ name }) => name).join(', ')} off: a crash loses messages that were acknowledged`, `${off.map(turnOn).join(', ')}.`);
}

function turnOn({ name, source, database, role }: Setting): string {
  if (source === 'command line') return `restart the server without \`-c ${name}=off\``;
  if (source === 'database') return `\`alter database ${database} reset ${name}\``;
  if (source === 'user') return `\`alter role ${role} reset ${name}\``;
  if (source === 'database user') return `\`alter role ${role} in database ${database} reset ${name}\``;
  return commands(setting(name, 'on'));
}

/** Room for those who come. */
export async function connections({ connection }: Examination): Promise<Found> {
  const row = await connection.get<{ used: number; most: number; set: number; greediest: string | null }>(CONNECTIONS);
  const { used, most, set, greediest } = row as NonNullable<typeof row>;
  if (used < most * CROWDED) return ok(`${used} of ${most}`);
  const found = `${used} of ${most} are taken${greediest === null ? '' : `, most of them by ${greediest}`}`;
  return warn(found, `Lower the \`max\` of the pools, or put PgBouncer in between; \`alter system set max_connections = ${set * 2}\` and a restart make room.`);
}

const CONNECTIONS = `select count(*)::int as used, current_setting('max_connections')::int as set,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - coalesce(current_setting('reserved_connections', true), '0')::int as most,
    (select format('%s (%s)', coalesce(nullif(application_name, ''), usename), count(*)) from pg_stat_activity where backend_type = 'client backend'
      group by coalesce(nullif(application_name, ''), usename) order by count(*) desc limit 1) as greediest
  from pg_stat_activity where backend_type = 'client backend'`;

/** One session that listens and never ends its transaction keeps every notification; a full queue fails every commit that notifies (trap 6). */
export async function notifyQueue({ connection }: Examination): Promise<Found> {
  const queue = await connection.get<{ usage: number }>('select pg_notification_queue_usage() as usage');
  const found = `${Math.floor((queue?.usage ?? 0) * 100)} % full`;
  if ((queue?.usage ?? 0) < FULL_QUEUE) return ok(found);
  const oldest = await connection.get<{ pid: number; openMs: number }>(OLDEST_TRANSACTION);
  if (oldest === undefined) return warn(found, 'A session of another role listens and does not read: ask again as a role with pg_read_all_stats, which sees it.');
  return warn(
    `${found}: the oldest transaction, of pid ${oldest.pid}, is open for ${formatDuration(oldest.openMs)}`,
    `\`select pg_terminate_backend(${oldest.pid}, 5000)\` lets the queue go on.`,
  );
}

const OLDEST_TRANSACTION = `select pid, (extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as "openMs" from pg_stat_activity
  where xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend' order by xact_start limit 1`;
