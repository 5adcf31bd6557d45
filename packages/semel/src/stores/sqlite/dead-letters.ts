import type { Failure } from '../../core/delivery.ts';
import { SemelError } from '../../core/errors.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import type { DeadLetter, DeadLetters, Settlement, WorkItem } from '../../core/store.ts';
import { bytesIdentity, fingerprintOf, headersJson, historyOf, type MessageRow, messageOf, sealedOf } from '../../core/stored-message.ts';
import type { Connection, SqliteValue } from './connection.ts';
import { promoteKeys } from './key-order.ts';
import { addRow } from './queue-rows.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { keepMessage } from './stage.ts';
import type { SubscriptionRow } from './subscriptions.ts';

/** {@link DeadLetters} in one table; each act is one transaction. */
export class SqliteDeadLetters implements DeadLetters {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async list(filter: { readonly consumer?: string; readonly limit?: number; readonly afterId?: number } = {}): Promise<readonly DeadLetter[]> {
    const { consumer, limit = 100, afterId = 0 } = filter;
    const rows = this.#file.reader.all<DeadLetterRow>(
      `${SELECT} where d.dead_letter_id > ? and (? is null or s.name = ?) order by d.dead_letter_id limit ?`,
      afterId,
      consumer ?? null,
      consumer ?? null,
      limit,
    );
    return rows.map(deadLetterOf);
  }

  async get(id: number): Promise<DeadLetter | undefined> {
    const row = find(this.#file.reader, id);
    return row && deadLetterOf(row);
  }

  async redrive(id: number): Promise<boolean> {
    return this.#file.transact((connection) => {
      const row = find(connection, id);
      if (row === undefined) return false;
      redrive(connection, row, this.#file.nowMs);
      return true;
    });
  }

  async discard(id: number): Promise<boolean> {
    return this.#file.transact((connection) => discard(connection, id));
  }
}

/** Writes a dead letter, and where a record is kept the record that it died. Returns its id. */
export function bury(connection: Connection, subscription: SubscriptionRow, item: WorkItem, settlement: Extract<Settlement, { kind: 'dead' }>, nowMs: number): number {
  const sealed = sealedOf(item);
  const { content } = item.delivery;
  const bytes = sealed === undefined && 'bytes' in content ? content.bytes : null;
  const { source, id } = sealed?.message ?? bytesIdentity(item.delivery.topic, bytes ?? new Uint8Array());
  const fingerprint = fingerprintOf(item);
  if (item.claim !== undefined) {
    connection.run(
      "insert into semel_inbox (subscription_id, source, id, state, fingerprint, at_ms) values (?, ?, ?, 'dead', ?, ?) on conflict (subscription_id, source, id) do nothing",
      subscription.subscriptionId,
      source,
      id,
      fingerprint,
      nowMs,
    );
  }
  const history = historyOf(item, settlement.failure);
  const row = connection.get<{ id: number }>(
    UPSERT,
    subscription.subscriptionId,
    item.delivery.topic,
    source,
    id,
    fingerprint,
    ...messageColumns(sealed),
    bytes,
    settlement.reason,
    history,
    nowMs,
  );
  return (row as { id: number }).id;
}

function messageColumns(sealed: SealedMessage | undefined): readonly SqliteValue[] {
  if (sealed === undefined) return [null, null, null, null, null];
  const { type, key = null, time, headers } = sealed.message;
  return [type, key, time, headersJson(headers), sealed.json];
}

/** Removes a dead letter, and lets go of the key that it held. False if it is not there. */
export function discard(connection: Connection, id: number): boolean {
  if (connection.run('delete from semel_dead_letters where dead_letter_id = ?', id) === 0) return false;
  const held = connection.all<{ subscriptionId: number; key: string }>('delete from semel_queue where dead_letter_id = ? returning subscription_id as subscriptionId, key', id);
  for (const { subscriptionId, key } of held) promoteKeys(connection, subscriptionId, [key]);
  return true;
}

/** The columns of a dead letter; one per payload, so that a conflicting payload does not take the place of the first. */
const UPSERT = `insert into semel_dead_letters (subscription_id, topic, source, id, fingerprint, type, key, time, headers, data, bytes, reason, history, died_at_ms)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (subscription_id, source, id, fingerprint) do update set reason = excluded.reason, history = excluded.history, died_at_ms = excluded.died_at_ms
  returning dead_letter_id as id`;

const SELECT = `select d.dead_letter_id as deadLetterId, d.subscription_id as subscriptionId, s.name as consumer, s.ordered, d.topic, d.source, d.id, d.fingerprint,
  d.type, d.key, d.time, d.headers, d.data, d.bytes, d.reason, d.history, d.died_at_ms as diedAtMs
  from semel_dead_letters d join semel_subscriptions s on s.subscription_id = d.subscription_id`;

interface DeadLetterRow {
  readonly deadLetterId: number;
  readonly subscriptionId: number;
  readonly consumer: string;
  readonly ordered: 0 | 1;
  readonly topic: string;
  readonly source: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly type: string | null;
  readonly key: string | null;
  readonly time: string | null;
  readonly headers: string | null;
  readonly data: string | null;
  readonly bytes: Uint8Array | null;
  readonly reason: string;
  readonly history: string;
  readonly diedAtMs: number;
}

function find(connection: Connection, id: number): DeadLetterRow | undefined {
  return connection.get<DeadLetterRow>(`${SELECT} where d.dead_letter_id = ?`, id);
}

function deadLetterOf(row: DeadLetterRow): DeadLetter {
  const { deadLetterId, consumer, topic, source, id, key, reason, diedAtMs, bytes } = row;
  const message = messageOfLetter(row);
  return {
    id: deadLetterId,
    consumer,
    topic,
    source,
    messageId: id,
    reason,
    history: JSON.parse(row.history) as Failure[],
    diedAtMs,
    ...(key === null ? {} : { key }),
    ...(message === undefined ? {} : { message }),
    ...(bytes === null ? {} : { bytes }),
  };
}

function messageOfLetter(row: DeadLetterRow): Message | undefined {
  return row.data === null ? undefined : messageOf(row as MessageRow);
}

/** Its record is reopened, or the message would meet it and be dropped as a duplicate. An at-most-once handler that failed left one that says done. */
function redrive(connection: Connection, row: DeadLetterRow, nowMs: number): void {
  const message = messageOfLetter(row);
  if (message === undefined) throw refused(row, 'its bytes cannot be decoded');
  if (row.reason === 'identity-conflict') throw refused(row, 'its id belongs to another payload');
  connection.run('delete from semel_inbox where subscription_id = ? and source = ? and id = ?', row.subscriptionId, row.source, row.id);
  const held = connection.run(
    'update semel_queue set due_at_ms = ?, attempts = 0, history = null, suspect = 0, dead_letter_id = null where dead_letter_id = ?',
    nowMs,
    row.deadLetterId,
  );
  if (held === 0) {
    const seq = keepMessage(connection, { message, json: row.data as string, fingerprint: row.fingerprint }, nowMs);
    if (seq === undefined) throw refused(row, 'its id belongs to another payload by now');
    addRow(connection, { subscriptionId: row.subscriptionId, seq, key: row.ordered ? row.key : null, dueMs: nowMs });
  }
  connection.run('delete from semel_dead_letters where dead_letter_id = ?', row.deadLetterId);
}

function refused(row: DeadLetterRow, why: string): SemelError {
  return new SemelError('not-redrivable', `dead letter ${row.deadLetterId} of ${row.consumer} cannot be redriven: ${why}`, {
    details: { id: row.deadLetterId, reason: row.reason },
  });
}
