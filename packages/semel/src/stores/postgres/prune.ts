import type { Archive } from '../../core/archive.ts';
import { archiveThenRemove, type ExpiredRow } from '../../core/archive-then-remove.ts';
import type { PruneOptions, PruneReport, Retention } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { discard } from './dead-letters.ts';
import { numberArray, type SqlValue } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { EVERY_LANE } from './queue-rows.ts';

/** Dead letters, or messages, looked at per transaction. */
const BATCH = 1_000;
/** Messages read at once for an archive. */
const PAGE = 200;
/** Pages of the inbox walked through per transaction: some 10,000 records. */
const PAGES = 128;

/** Removes what is older than its retention, in small batches, each its own transaction. */
export async function prune(database: PostgresDatabase, { inboxMs, messagesMs, deadLettersMs }: Partial<Retention>, { archive }: PruneOptions = {}): Promise<PruneReport> {
  const deadLetters = finite(deadLettersMs) ? await pruneDeadLetters(database, deadLettersMs) : 0;
  const inbox = finite(inboxMs) ? await pruneInbox(database, inboxMs) : 0;
  const messages = finite(messagesMs) ? await pruneMessages(database, messagesMs, archive) : 0;
  return { inbox, messages, deadLetters };
}

function finite(ms: number | undefined): ms is number {
  return ms !== undefined && Number.isFinite(ms);
}

async function pruneDeadLetters(database: PostgresDatabase, olderMs: number): Promise<number> {
  const sql = `select dead_letter_id::float8 as id from {s}.dead_letters where died_at_ms < {now} - $1::bigint order by dead_letter_id limit ${BATCH}`;
  for (let removed = 0; ; ) {
    const letters = await database.pool.all<{ id: number }>(sql, olderMs);
    if (letters.length === 0) return removed;
    removed += await database.transact((connection) => discard(connection, letters));
  }
}

/** Walks the table as it lies on the disk: an index by time would cost every message a write. A record stays as long as its dead letter. */
async function pruneInbox(database: PostgresDatabase, olderMs: number): Promise<number> {
  const size = await database.pool.get<{ pages: number }>("select (pg_relation_size('{s}.inbox') / current_setting('block_size')::int)::float8 as pages");
  let removed = 0;
  for (let page = 0; page < (size?.pages ?? 0); page += PAGES) removed += await count(database.pool, INBOX, `(${page},0)`, `(${page + PAGES},0)`, olderMs);
  return removed;
}

const INBOX = `delete from {s}.inbox i where ctid >= $1::text::tid and ctid < $2::text::tid and at_ms < {now} - $3::bigint
  and not exists (select 1 from {s}.dead_letters d where d.subscription_id = i.subscription_id and d.source = i.source and d.id = i.id) returning 1`;

async function pruneMessages(database: PostgresDatabase, olderMs: number, archive: Archive | undefined): Promise<number> {
  if (archive !== undefined) return archiveThenRemove(archive, expired(database, olderMs), (seqs) => removeMessages(database, GIVEN, numberArray(seqs)));
  let removed = 0;
  for await (const { from, last } of ranges(database, olderMs, BATCH)) removed += await removeMessages(database, OLD, from, last, olderMs);
  return removed;
}

/**
 * Locks those that nobody else has locked, and looks once more, in a statement of its own, who needs them: whoever puts a message back into the queue has it
 * locked, and no statement sees a row of the queue that was committed after its begin.
 */
async function removeMessages(database: PostgresDatabase, which: string, ...values: readonly SqlValue[]): Promise<number> {
  return database.quietly(async (connection) => {
    const locked = await connection.all<{ seq: number }>(`select m.seq::float8 as seq from {s}.messages m where ${which} and ${UNNEEDED} for update skip locked`, ...values);
    return locked.length === 0 ? 0 : count(connection, `delete from {s}.messages m where ${GIVEN} and ${UNNEEDED} returning 1`, numberArray(locked.map(({ seq }) => seq)));
  });
}

async function* expired(database: PostgresDatabase, olderMs: number): AsyncGenerator<readonly ExpiredRow[]> {
  for await (const { from, last } of ranges(database, olderMs, PAGE)) yield database.pool.all<ExpiredRow>(EXPIRED, from, last, olderMs);
}

/** Messages lie in the order of their publication, so the walk ends where they are young enough. */
async function* ranges(database: PostgresDatabase, olderMs: number, size: number): AsyncGenerator<{ readonly from: number; readonly last: number }> {
  for (let from = 0; ; ) {
    const step = await database.pool.get<{ last: number | null; old: boolean | null }>(STEP, from, olderMs, size);
    if (step === undefined || step.last === null || !step.old) return;
    yield { from, last: step.last };
    from = step.last;
  }
}

const STEP = `select max(seq)::float8 as last, bool_or(published_at_ms < {now} - $2::bigint) as old from (
  select seq, published_at_ms from {s}.messages where seq > $1::bigint order by seq limit $3::int) step`;

const OLD = 'm.seq > $1::bigint and m.seq <= $2::bigint and m.published_at_ms < {now} - $3::bigint';

const GIVEN = 'm.seq = any($1::bigint[])';

/**
 * A message goes once no subscription has a row of it left. Each row is looked up by the whole primary key, in a sub-select that the planner cannot turn into a
 * join: servers before 18 would read the whole queue for it.
 */
const UNNEEDED = `m.due_at_ms is null
  and not exists (select 1 from {s}.subscriptions s cross join unnest(${EVERY_LANE}) as l (lane)
    where (select q.seq from {s}.queue q where q.subscription_id = s.subscription_id and q.lane = l.lane and q.seq = m.seq) is not null)
  and (select q.seq from {s}.queue q where q.message_seq = m.seq limit 1) is null`;

const EXPIRED = `select m.seq::float8 as seq, m.source, m.id, m.topic, m.type, m.key, m.time, m.headers, m.data, m.fingerprint, m.published_at_ms::float8 as "publishedAtMs"
  from {s}.messages m where ${OLD} and ${UNNEEDED} order by m.seq`;

async function count(connection: Connection, sql: string, ...values: readonly SqlValue[]): Promise<number> {
  const row = await connection.get<{ count: number }>(`with removed as (${sql}) select count(*)::int as count from removed`, ...values);
  return row?.count ?? 0;
}
