import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatDuration } from '../../core/duration.ts';
import { type Connection, openReader } from '../../stores/sqlite/connection.ts';
import { sqliteSchemaStatus } from '../../stores/sqlite/index.ts';
import { formatSize } from '../output/size.ts';
import { type Expired, LEASE_GRACE_MS, leasesFound, PRUNE_GRACE_MS, retentionFound } from './data-findings.ts';
import { type Finding, type Found, fail, failWith, ok, type Thresholds, warn } from './finding.ts';

type SqliteCheck = (reader: Connection, thresholds: Thresholds) => Found;

/** In this order: a check may rely on those before it. */
const CHECKS: Readonly<Record<string, SqliteCheck>> = {
  integrity,
  schema,
  'journal-mode': journalMode,
  log,
  disk,
  clock,
  leases,
  retention,
};

const MIB = 1024 * 1024;
/** Four times what a service lets the log keep after a checkpoint. */
const LARGE_LOG_BYTES = 256 * MIB;
const SKEW_MS = 60_000;

/** Examines the file through a connection that cannot write; stops at the first check that fails. */
export function examineSqlite(path: string, thresholds: Thresholds): readonly Finding[] {
  let reader: Connection;
  try {
    reader = openReader(path, { cacheMb: 8 });
  } catch (error) {
    return [{ check: 'integrity', ...failWith(error) }];
  }
  try {
    return examineAll(reader, thresholds);
  } finally {
    reader.close();
  }
}

function examineAll(reader: Connection, thresholds: Thresholds): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [check, examine] of Object.entries(CHECKS)) {
    const found = examineOne(examine, reader, thresholds);
    findings.push({ check, ...found });
    if (found.level === 'fail') break;
  }
  return findings;
}

function examineOne(examine: SqliteCheck, reader: Connection, thresholds: Thresholds): Found {
  try {
    return examine(reader, thresholds);
  } catch (error) {
    return failWith(error);
  }
}

function integrity(reader: Connection): Found {
  const faults = reader.all<{ quick_check: string }>('pragma quick_check(3)').map((row) => row.quick_check);
  if (faults.length === 1 && faults[0] === 'ok') return ok(`sound, ${formatSize(sizeOf(reader.path))}`);
  return fail(`damaged: ${faults.join('; ')}`, 'Stop all writers, keep a copy of the files, restore a backup.');
}

function schema(reader: Connection): Found {
  const { applied, pending } = sqliteSchemaStatus(reader.path);
  if (applied.length === 0) return fail("has none of Semel's tables", 'Is it the right file? `semel migrate` makes them.');
  if (pending.length === 0) return ok(`up to date, step ${applied.at(-1)?.version}`);
  return fail(`lacks ${pending.map(({ version, name }) => `step ${version} (${name})`).join(', ')}`, 'Run `semel migrate`.');
}

function journalMode(reader: Connection): Found {
  const mode = reader.get<{ journal_mode: string }>('pragma journal_mode')?.journal_mode;
  if (mode === 'wal') return ok('write-ahead log');
  return fail(`${mode}: readers and writers stop each other`, 'Run `semel migrate`, or start a service: either turns the write-ahead log on.');
}

function log(reader: Connection): Found {
  const bytes = sizeOf(`${reader.path}-wal`);
  if (bytes < LARGE_LOG_BYTES) return ok(formatSize(bytes));
  return warn(`${formatSize(bytes)}: it cannot be reset`, 'A read transaction that stays open, often of another program, keeps the log growing: find it and end it.');
}

function disk(reader: Connection): Found {
  const { bavail, bsize } = statfsSync(dirname(reader.path));
  const free = bavail * bsize;
  const used = sizeOf(reader.path) + sizeOf(`${reader.path}-wal`);
  if (free >= used && free >= 64 * MIB) return ok(`${formatSize(free)} free`);
  return warn(`${formatSize(free)} free beside ${formatSize(used)} of data`, 'Free space: a full disk stops every consumer, and VACUUM needs as much as the data takes.');
}

function clock(reader: Connection, { nowMs }: Thresholds): Found {
  const latestMs = reader.get<{ ms: number | null }>(LATEST)?.ms ?? 0;
  if (latestMs <= nowMs + SKEW_MS) return ok('no row is stamped later than now');
  return warn(
    `the newest row was written ${formatDuration(latestMs - nowMs)} in the future`,
    "Compare this machine's clock with the time service: it was ahead then, or is behind now; leases and delays go by it.",
  );
}

/** The newest message and dead letter by number, as an index by time would cost every message a write. */
const LATEST = `select max(ms) as ms from (
  select max(max(joined_at_ms, seen_at_ms)) as ms from semel_subscriptions
  union all select published_at_ms from (select published_at_ms from semel_messages order by seq desc limit 1)
  union all select died_at_ms from (select died_at_ms from semel_dead_letters order by dead_letter_id desc limit 1))`;

function leases(reader: Connection, { nowMs }: Thresholds): Found {
  return leasesFound(reader.all<Expired>(EXPIRED, nowMs, nowMs - LEASE_GRACE_MS));
}

const EXPIRED = `select s.name, count(*) as count, ? - min(q.lease_until_ms) as overMs
  from semel_queue q join semel_subscriptions s on s.subscription_id = q.subscription_id
  where q.lease_until_ms < ? group by s.name order by s.name`;

function retention(reader: Connection, thresholds: Thresholds): Found {
  const overdue = (sql: string, keptMs: number) => reader.get<{ count: number }>(sql, thresholds.nowMs - keptMs - PRUNE_GRACE_MS)?.count ?? 0;
  return retentionFound({ messages: overdue(OVERDUE_MESSAGES, thresholds.messagesMs), records: overdue(OVERDUE_RECORDS, thresholds.inboxMs) }, thresholds);
}

/** What `prune` would remove. */
const OVERDUE_MESSAGES = `select count(*) as count from semel_messages m where m.published_at_ms < ? and m.due_at_ms is null
  and not exists (select 1 from semel_queue q where q.seq = m.seq)
  and not exists (select 1 from semel_subscriptions s where s.topic = m.topic and s.kind <> 'remote' and s.taken_seq < m.seq and m.parked = 0)`;

const OVERDUE_RECORDS = `select count(*) as count from semel_inbox i where i.at_ms < ?
  and not exists (select 1 from semel_dead_letters d where d.subscription_id = i.subscription_id and d.source = i.source and d.id = i.id)`;

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
