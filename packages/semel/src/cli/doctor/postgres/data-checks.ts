import { formatDuration } from '../../../core/duration.ts';
import { type Expired, LEASE_GRACE_MS, leasesFound, PRUNE_GRACE_MS, retentionFound } from '../data-findings.ts';
import { type Found, ok, warn } from '../finding.ts';
import type { Examination } from './examination.ts';

const DAY_MS = 86_400_000;

/** Whoever leased them is gone, and nobody took over. */
export async function leases({ connection }: Examination): Promise<Found> {
  return leasesFound(await connection.all<Expired>(EXPIRED, LEASE_GRACE_MS));
}

const EXPIRED = `select s.name, sum(cardinality(l.seqs))::int as count, ({now} - min(l.until_ms))::float8 as "overMs"
  from {s}.leases l join {s}.subscriptions s on s.subscription_id = l.subscription_id where l.until_ms < {now} - $1::bigint group by s.name order by s.name`;

/** Somebody prunes. */
export async function retention({ connection, thresholds }: Examination): Promise<Found> {
  const { messagesMs, inboxMs } = thresholds;
  const overdue = await connection.get<{ messages: number; records: number }>(OVERDUE, messagesMs + PRUNE_GRACE_MS, inboxMs + PRUNE_GRACE_MS);
  return retentionFound(overdue as NonNullable<typeof overdue>, thresholds);
}

/** What `prune` would remove. */
const OVERDUE = `select
  (select count(*)::int from {s}.messages m where m.published_at_ms < {now} - $1::bigint and m.due_at_ms is null and not exists (select 1 from {s}.queue q where coalesce(q.message_seq, q.seq) = m.seq)) as messages,
  (select count(*)::int from {s}.inbox i where i.at_ms < {now} - $2::bigint
    and not exists (select 1 from {s}.dead_letters d where d.subscription_id = i.subscription_id and d.source = i.source and d.id = i.id)) as records`;

/** A message that a transport brought. */
interface Arrival {
  readonly name: string;
  /** When it happened: `2026-03-01`. */
  readonly day: string;
  readonly cameMs: number;
}

/**
 * A transport that brought a message so late can bring a duplicate as late: its record must be there still (trap 12). Told by
 * the messages that were kept for a retry or died, as no other is kept.
 */
export async function window({ connection, thresholds: { inboxMs } }: Examination): Promise<Found> {
  const arrivals = await connection.all<Arrival>(ARRIVALS);
  const lates = arrivals.map(({ name, day, cameMs }) => ({ name, lateMs: cameMs - Date.parse(day) - DAY_MS })).filter(({ lateMs }) => lateMs > inboxMs);
  const [latest] = lates.sort((a, b) => b.lateMs - a.lateMs);
  if (latest === undefined) return ok(`no transport was seen to bring anything older than the inbox remembers (${formatDuration(inboxMs)})`);
  const days = Math.ceil(latest.lateMs / DAY_MS) + 1;
  return warn(
    `${latest.name}: a message came ${formatDuration(latest.lateMs)} after it happened; the inbox remembers ${formatDuration(inboxMs)}, and a duplicate that comes as late is handled again`,
    `Keep records for longer, \`retention: { inboxMs: ${days} * 86_400_000 }\`, and tell doctor, \`semel doctor --inbox ${days}d\`.`,
  );
}

/** Of a day the last one is enough. The day is read here, and no more of the time: a stranger wrote it, and Postgres knows fewer years. */
const ARRIVALS = `select s.name, a.day, max(a.came)::float8 as "cameMs" from {s}.subscriptions s join (
    select subscription_id, left(time, 10) as day, coalesce((history::jsonb -> 0 ->> 'atMs')::float8, died_at_ms) as came from {s}.dead_letters where time is not null
    union all select q.subscription_id, left(m.time, 10), m.published_at_ms from {s}.queue q join {s}.messages m on m.seq = coalesce(q.message_seq, q.seq) where m.parked
  ) a on a.subscription_id = s.subscription_id where s.kind = 'remote' group by s.name, a.day`;
