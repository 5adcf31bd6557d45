import type { PruneReport, Retention } from '../../core/store.ts';
import { discard } from './dead-letters.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** Rows looked at, and at most removed, per transaction: the write lock is held for a few milliseconds only. */
const BATCH = 1000;

/** Removes what is older than its retention. Between the batches everyone else gets a turn. */
export async function prune(file: SqliteFile, { inboxMs, messagesMs, deadLettersMs }: Partial<Retention>): Promise<PruneReport> {
  const nowMs = file.nowMs;
  const deadLetters = deadLettersMs === undefined ? 0 : await pruneDeadLetters(file, nowMs - deadLettersMs);
  const inbox = inboxMs === undefined ? 0 : await pruneInbox(file, nowMs - inboxMs);
  const messages = messagesMs === undefined ? 0 : await pruneMessages(file, nowMs - messagesMs);
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

/** Messages lie in the order of their publication, so the walk ends where they are young enough. */
async function pruneMessages(file: SqliteFile, beforeMs: number): Promise<number> {
  let removed = 0;
  let from = 0;
  for (;;) {
    const step = file.reader.get<{ last: number | null; oldestMs: number }>(
      'select max(seq) as last, min(published_at_ms) as oldestMs from (select seq, published_at_ms from semel_messages where seq > ? order by seq limit ?)',
      from,
      BATCH,
    );
    const last = step?.last ?? null;
    if (step === undefined || last === null || step.oldestMs >= beforeMs) return removed;
    removed += await file.writer.transact((connection) => connection.run(MESSAGES_DELETE, from, last, beforeMs));
    from = last;
  }
}

const MESSAGES_DELETE = `delete from semel_messages where seq > ? and seq <= ? and published_at_ms < ? and due_at_ms is null
  and not exists (select 1 from semel_queue q where q.seq = semel_messages.seq)
  and not exists (select 1 from semel_subscriptions s where s.topic = semel_messages.topic and s.kind <> 'remote' and s.taken_seq < semel_messages.seq and parked = 0)`;
