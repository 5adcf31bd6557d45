import { conflicts, identityConflict } from '../../core/identity-conflict.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import { headersJson } from '../../core/stored-message.ts';
import type { Connection, SqliteValue } from './connection.ts';
import { MultiRowInsert } from './multi-row.ts';

/** A message on its way into the store. */
export interface Staged {
  readonly sealed: SealedMessage;
  readonly notBeforeMs?: number;
}

const COLUMNS = 'published_at_ms, source, id, topic, type, key, time, headers, data, fingerprint, due_at_ms, parked';

const INSERT_MESSAGES = new MultiRowInsert(
  `insert into semel_messages (${COLUMNS})`,
  '(:nowMs, :source, ?, :topic, :type, ?, ?, ?, ?, ?, ?, 0)',
  7,
  'on conflict (source, id) do nothing',
);

/**
 * Writes messages as a set; the subscriptions of their topics take them from there.
 * @throws SemelError `identity-conflict`
 */
export function writeMessages(connection: Connection, batch: readonly Staged[], nowMs: number): void {
  if (batch.length === 0) return;
  for (const topic of new Set(batch.map(({ sealed }) => sealed.message.topic))) publishDelayed(connection, topic, nowMs);
  let inserted = 0;
  for (const run of runsOf(batch)) {
    const { source, topic, type } = (run[0] as Staged).sealed.message;
    inserted += INSERT_MESSAGES.run(connection, { nowMs, source, topic, type }, valuesOf(run, nowMs));
  }
  if (inserted < batch.length) for (const staged of batch) reconcile(connection, staged, nowMs);
}

/** Cut where source, topic or type changes: what all messages of a run share is bound once for all of them. */
function runsOf(batch: readonly Staged[]): readonly (readonly Staged[])[] {
  const runs: Staged[][] = [];
  let last: Message | undefined;
  for (const staged of batch) {
    const { message } = staged.sealed;
    if (last !== undefined && message.source === last.source && message.topic === last.topic && message.type === last.type) runs.at(-1)?.push(staged);
    else runs.push([staged]);
    last = message;
  }
  return runs;
}

/**
 * Makes sure that a message is kept, without publishing it; for a parked retry and a redrive.
 * @returns its number, or undefined where its identity is another payload's
 */
export function keepMessage(connection: Connection, { message, json, fingerprint }: SealedMessage, nowMs: number): number | undefined {
  const values = [nowMs, message.source, message.id, message.topic, message.type, message.key ?? null, message.time, headersJson(message.headers), json, fingerprint];
  connection.run(`insert into semel_messages (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, 1) on conflict (source, id) do nothing`, ...values);
  const kept = find(connection, message) as Kept;
  return conflicts(kept.fingerprint, fingerprint) ? undefined : kept.seq;
}

/** The highest number given so far among the messages that are kept. */
export function lastSeq(connection: Connection): number {
  return connection.get<{ seq: number }>('select coalesce(max(seq), 0) as seq from semel_messages')?.seq ?? 0;
}

/** Publishes the delayed messages of a topic that are due by now: their place in their key's order is that of their due time. */
export function publishDelayed(connection: Connection, topic: string, nowMs: number): void {
  const sql = 'select seq from semel_messages where topic = ? and due_at_ms is not null and due_at_ms <= ? order by due_at_ms, seq';
  const due = connection.all<{ seq: number }>(sql, topic, nowMs);
  if (due.length > 0)
    moveToEnd(
      connection,
      due.map(({ seq }) => seq),
    );
}

/** Gives messages new numbers, in the order given, as if they were published now; queue rows that refer to one follow. */
function moveToEnd(connection: Connection, seqs: readonly number[]): void {
  const given = connection.get<{ seq: number }>("select seq from sqlite_sequence where name = 'semel_messages'")?.seq ?? 0;
  let next = Math.max(given, lastSeq(connection));
  for (const seq of seqs) {
    next += 1;
    connection.run('update semel_messages set seq = ?, due_at_ms = null where seq = ?', next, seq);
    connection.run('update semel_queue set seq = ? where seq = ?', next, seq);
  }
  connection.run("update sqlite_sequence set seq = ? where name = 'semel_messages'", next);
}

function valuesOf(batch: readonly Staged[], nowMs: number): SqliteValue[] {
  const values: SqliteValue[] = [];
  for (const staged of batch) {
    const { message, json, fingerprint } = staged.sealed;
    const { id, key = null, time, headers } = message;
    values.push(id, key, time, headersJson(headers), json, fingerprint, dueMsOf(staged, nowMs));
  }
  return values;
}

function dueMsOf({ notBeforeMs }: Staged, nowMs: number): number | null {
  return notBeforeMs !== undefined && notBeforeMs > nowMs ? Math.ceil(notBeforeMs) : null;
}

/** Finds out about a message that may have been there: the same again is nothing, another payload an error, and a parked one is published now. */
function reconcile(connection: Connection, staged: Staged, nowMs: number): void {
  const { message, fingerprint } = staged.sealed;
  const kept = find(connection, message) as Kept;
  if (conflicts(kept.fingerprint, fingerprint)) throw identityConflict('published', message, kept.fingerprint, fingerprint);
  if (kept.parked === 0) return;
  const dueMs = dueMsOf(staged, nowMs);
  connection.run('update semel_messages set parked = 0, published_at_ms = ?, due_at_ms = ? where seq = ?', nowMs, dueMs, kept.seq);
  if (dueMs === null) moveToEnd(connection, [kept.seq]);
}

interface Kept {
  readonly seq: number;
  readonly fingerprint: string;
  readonly parked: 0 | 1;
}

function find(connection: Connection, { source, id }: Message): Kept | undefined {
  return connection.get<Kept>('select seq, fingerprint, parked from semel_messages where source = ? and id = ?', source, id);
}
