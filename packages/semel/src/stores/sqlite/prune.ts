import type { Archive } from '../../core/archive.ts';
import { archiveThenRemove, type ExpiredRow } from '../../core/archive-then-remove.ts';
import type { PruneOptions, PruneReport, Retention } from '../../core/store.ts';
import type { SqliteValue } from './connection.ts';
import { discard } from './dead-letters.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** Rows looked at, and at most removed, per transaction: the write lock is held for a few milliseconds only. */
const BATCH = 1000;
/** Messages read at once for an archive. */
const PAGE = 200;

/** Removes what is older than its retention. Between the batches everyone else gets a turn. */
export async function prune(file: SqliteFile, { inboxMs, messagesMs, deadLettersMs }: Partial<Retention>, { archive }: PruneOptions = {}): Promise<PruneReport> {
  const nowMs = file.nowMs;
  const deadLetters = deadLettersMs === undefined ? 0 : await pruneDeadLetters(file, nowMs - deadLettersMs);
  const inbox = inboxMs === undefined ? 0 : await pruneInbox(file, nowMs - inboxMs);
  const messages = messagesMs === undefined ? 0 : await pruneMessages(file, nowMs - messagesMs, archive);
  return { inbox, messages, deadLetters };
}

async function pruneDeadLetters(file: SqliteFile, beforeMs: number): Promise<number> {
  for (let removed = 0; ; ) {
    const ids = file.reader.all<{ id: number }>('select dead_letter_id as id from semel_dead_letters where died_at_ms < ? order by dead_letter_id limit ?', beforeMs, BATCH);
    if (ids.length === 0) return removed;
    removed += await file.transact((connection) => ids.filter(({ id }) => discard(connection, id)).length);
  }
}

interface InboxKey {
  readonly subscriptionId: number;
  readonly source: string;
  readonly id: string;
}

/** Walks the primary key: an index by time would cost every message a write. A record stays as long as its dead letter. */
async function pruneInbox(file: SqliteFile, beforeMs: number): Promise<number> {
  let removed = 0;
  let from: InboxKey = { subscriptionId: 0, source: '', id: '' };
  for (;;) {
    const to = file.reader.get<InboxKey & { oldestMs: number }>(INBOX_STEP, from.subscriptionId, from.source, from.id, BATCH);
    if (to === undefined || to.subscriptionId === null) return removed;
    if (to.oldestMs < beforeMs) {
      const { subscriptionId, source, id } = from;
      removed += await file.writer.transact((connection) => connection.run(INBOX_DELETE, subscriptionId, source, id, to.subscriptionId, to.source, to.id, beforeMs));
    } else await file.context.runtime.scheduler.yield();
    from = to;
  }
}

/** The last of the next rows, and the oldest age among them. */
const INBOX_STEP = `select subscription_id as subscriptionId, source, id, min(at_ms) over () as oldestMs from (
    select subscription_id, source, id, at_ms from semel_inbox where (subscription_id, source, id) > (?, ?, ?) order by subscription_id, source, id limit ?
  ) order by subscription_id desc, source desc, id desc limit 1`;

const INBOX_DELETE = `delete from semel_inbox where (subscription_id, source, id) > (?, ?, ?) and (subscription_id, source, id) <= (?, ?, ?) and at_ms < ?
  and not exists (select 1 from semel_dead_letters d where d.subscription_id = semel_inbox.subscription_id and d.source = semel_inbox.source and d.id = semel_inbox.id)`;

async function pruneMessages(file: SqliteFile, beforeMs: number, archive: Archive | undefined): Promise<number> {
  const remove = (sql: string, ...values: readonly SqliteValue[]) => file.writer.transact((connection) => connection.run(sql, ...values));
  if (archive !== undefined) return archiveThenRemove(archive, expired(file, beforeMs), (seqs) => remove(ARCHIVED_DELETE, JSON.stringify(seqs)));
  let removed = 0;
  for (const { from, last } of ranges(file, beforeMs, BATCH)) removed += await remove(MESSAGES_DELETE, from, last, beforeMs);
  return removed;
}

async function* expired(file: SqliteFile, beforeMs: number): AsyncGenerator<readonly ExpiredRow[]> {
  for (const { from, last } of ranges(file, beforeMs, PAGE)) {
    yield file.reader.all<ExpiredRow>(EXPIRED, from, last, beforeMs);
    await file.context.runtime.scheduler.yield();
  }
}

/** Messages lie in the order of their publication, so the walk ends where they are young enough. */
function* ranges(file: SqliteFile, beforeMs: number, size: number): Generator<{ readonly from: number; readonly last: number }> {
  for (let from = 0; ; ) {
    const step = file.reader.get<{ last: number | null; oldestMs: number }>(STEP, from, size);
    const last = step?.last ?? null;
    if (step === undefined || last === null || step.oldestMs >= beforeMs) return;
    yield { from, last };
    from = last;
  }
}

const STEP = 'select max(seq) as last, min(published_at_ms) as oldestMs from (select seq, published_at_ms from semel_messages where seq > ? order by seq limit ?)';

const OLD = 'seq > ? and seq <= ? and published_at_ms < ?';

/** A message goes once every subscription has taken it in, and none has a row of it left. */
const UNNEEDED = `due_at_ms is null
  and not exists (select 1 from semel_queue q where q.seq = semel_messages.seq)
  and not exists (select 1 from semel_subscriptions s where s.topic = semel_messages.topic and s.kind <> 'remote' and s.taken_seq < semel_messages.seq and parked = 0)`;

const MESSAGES_DELETE = `delete from semel_messages where ${OLD} and ${UNNEEDED}`;

const ARCHIVED_DELETE = `delete from semel_messages where seq in (select value from json_each(?)) and ${UNNEEDED}`;

const EXPIRED = `select seq, source, id, topic, type, key, time, headers, data, fingerprint, published_at_ms as publishedAtMs
  from semel_messages where ${OLD} and ${UNNEEDED} order by seq`;
