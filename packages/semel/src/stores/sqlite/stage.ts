import { SemelError } from '../../core/errors.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import type { Connection, SqliteValue } from './connection.ts';
import { lastPosition, letHeadsGo } from './key-order.ts';
import { MultiRowInsert } from './multi-row.ts';

/** A message on its way into the store. */
export interface Staged {
  readonly sealed: SealedMessage;
  readonly notBeforeMs?: number;
}

const COLUMNS = 'published_at_ms, source, id, topic, type, key, time, headers, data, fingerprint, due_at_ms, parked';

const INSERT_MESSAGES = new MultiRowInsert(`insert into semel_messages (${COLUMNS})`, '(?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)', 10, 'on conflict (source, id) do nothing');

/** Every subscription of the topic but those that a transport feeds gets a row; of ordered ones all wait until the heads are let go. */
const FAN_OUT = `insert into semel_queue (subscription_id, seq, key, waiting, due_at_ms)
  select s.subscription_id, m.seq, iif(s.ordered, m.key, null), s.ordered and m.key is not null, ?3
  from semel_messages m cross join semel_subscriptions s on s.topic = m.topic and s.kind <> 'remote'
  where m.seq between ?1 and ?2 and m.due_at_ms is null and m.parked = 0 order by m.seq`;

/**
 * Writes messages as a set, and a queue row per subscription for those that are new.
 * @throws SemelError `identity-conflict`
 */
export function writeMessages(connection: Connection, batch: readonly Staged[], nowMs: number): void {
  if (batch.length === 0) return;
  const known = lastSeq(connection);
  const inserted = INSERT_MESSAGES.run(connection, [nowMs], batch.length === 1 ? rowOf(batch[0] as Staged, nowMs) : batch.flatMap((staged) => rowOf(staged, nowMs)));
  if (inserted < batch.length) for (const staged of batch) reconcile(connection, staged, known, nowMs);
  if (inserted > 0) fanOut(connection, known + 1, Number.MAX_SAFE_INTEGER, nowMs);
}

/** Gives queue rows to the subscriptions of the messages in a range. */
export function fanOut(connection: Connection, firstSeq: number, lastSeqOfRange: number, nowMs: number): void {
  const before = lastPosition(connection);
  if (connection.run(FAN_OUT, firstSeq, lastSeqOfRange, nowMs) > 0) letHeadsGo(connection, before);
}

/**
 * Makes sure that a message is kept, without publishing it; for a parked retry and a redrive.
 * @returns its number, or undefined where its identity is another payload's
 */
export function keepMessage(connection: Connection, message: Message, fingerprint: string, json: string, nowMs: number): number | undefined {
  const values = [nowMs, message.source, message.id, message.topic, message.type, message.key ?? null, message.time, JSON.stringify(message.headers), json, fingerprint];
  connection.run(`insert into semel_messages (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null, 1) on conflict (source, id) do nothing`, ...values);
  const kept = find(connection, message) as Kept;
  return conflicts(kept.fingerprint, fingerprint) ? undefined : kept.seq;
}

/** The highest number given so far among the messages that are kept. */
export function lastSeq(connection: Connection): number {
  return connection.get<{ seq: number }>('select coalesce(max(seq), 0) as seq from semel_messages')?.seq ?? 0;
}

function rowOf({ sealed, notBeforeMs }: Staged, nowMs: number): SqliteValue[] {
  const { message, json, fingerprint } = sealed;
  const dueMs = notBeforeMs !== undefined && notBeforeMs > nowMs ? Math.ceil(notBeforeMs) : null;
  return [message.source, message.id, message.topic, message.type, message.key ?? null, message.time, JSON.stringify(message.headers), json, fingerprint, dueMs];
}

/** Finds out about a message that may have been there: the same again is nothing, another payload an error, and a parked one is published now. */
function reconcile(connection: Connection, staged: Staged, known: number, nowMs: number): void {
  const { message, fingerprint } = staged.sealed;
  const kept = find(connection, message) as Kept;
  if (conflicts(kept.fingerprint, fingerprint)) throw identityConflict(message, kept.fingerprint, fingerprint);
  if (kept.parked === 0 || kept.seq > known) return;
  connection.run('update semel_messages set parked = 0, published_at_ms = ?, due_at_ms = ? where seq = ?', nowMs, rowOf(staged, nowMs)[9] ?? null, kept.seq);
  fanOut(connection, kept.seq, kept.seq, nowMs);
}

interface Kept {
  readonly seq: number;
  readonly fingerprint: string;
  readonly parked: 0 | 1;
}

function find(connection: Connection, { source, id }: Message): Kept | undefined {
  return connection.get<Kept>('select seq, fingerprint, parked from semel_messages where source = ? and id = ?', source, id);
}

/** An empty fingerprint is an unknown one. */
function conflicts(recorded: string, received: string): boolean {
  return recorded !== '' && received !== '' && recorded !== received;
}

function identityConflict({ source, id }: Message, recorded: string, received: string): SemelError {
  return new SemelError('identity-conflict', `message ${id} of ${source} was published with another payload: recorded fingerprint ${recorded}, received ${received}`, {
    details: { source, id, recorded, received },
  });
}
