import type { Failure } from '../../core/delivery.ts';
import { SemelError } from '../../core/errors.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import type { DeadLetter, DeadLetters, Settlement, WorkItem } from '../../core/store.ts';
import { bytesIdentity, fingerprintOf, headersJson, historyOf, type MessageRow, messageOf, sealedOf } from '../../core/stored-message.ts';
import type { Connection } from './connection.ts';
import { numberArray, type SqlValue } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { addRow, freeKeys, LANES } from './queue-rows.ts';
import { keepMessage } from './stage.ts';
import type { SubscriptionRow } from './subscriptions.ts';

/** {@link DeadLetters} in one table; each act is one transaction. */
export class PostgresDeadLetters implements DeadLetters {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async list(filter: { readonly consumer?: string; readonly limit?: number; readonly afterId?: number } = {}): Promise<readonly DeadLetter[]> {
    const { consumer = null, limit = 100, afterId = 0 } = filter;
    const sql = `${SELECT} where d.dead_letter_id > $1::bigint and ($2::text is null or s.name = $2) order by d.dead_letter_id limit $3::int`;
    return (await this.#database.pool.all<DeadLetterRow>(sql, afterId, consumer, limit)).map(deadLetterOf);
  }

  async get(id: number): Promise<DeadLetter | undefined> {
    const row = await find(this.#database.pool, id);
    return row && deadLetterOf(row);
  }

  async redrive(id: number): Promise<boolean> {
    return this.#database.transact(async (connection) => {
      const row = await lock(connection, id);
      if (row === undefined) return false;
      await redrive(connection, row);
      return true;
    });
  }

  async discard(id: number): Promise<boolean> {
    return (await this.#database.transact((connection) => discard(connection, [{ id }]))) > 0;
  }
}

/** Writes a dead letter, and where a record is kept the record that it died. Returns its id. */
export async function bury(connection: Connection, subscription: SubscriptionRow, item: WorkItem, settlement: Extract<Settlement, { kind: 'dead' }>): Promise<number> {
  const sealed = sealedOf(item);
  const { content } = item.delivery;
  const bytes = sealed === undefined && 'bytes' in content ? content.bytes : null;
  const { source, id } = sealed?.message ?? bytesIdentity(item.delivery.topic, bytes ?? new Uint8Array());
  const fingerprint = fingerprintOf(item);
  const { subscriptionId } = subscription;
  if (item.claim !== undefined) await connection.all(RECORD_DEAD, subscriptionId, source, id, fingerprint);
  const row = await connection.get<{ id: number }>(
    UPSERT,
    subscriptionId,
    item.delivery.topic,
    source,
    id,
    fingerprint,
    ...messageColumns(sealed),
    bytes && Buffer.from(bytes).toString('hex'),
    settlement.reason,
    historyOf(item, settlement.failure),
  );
  return (row as { id: number }).id;
}

/** The record that was written in advance says dead from now on; one of an earlier transaction stays, for a conflicting payload is not its message. */
const RECORD_DEAD = `insert into {s}.inbox as i (subscription_id, source, id, state, fingerprint, at_ms) values ($1, $2, $3, 'dead', $4, {now})
  on conflict (subscription_id, source, id) do update set state = 'dead' where i.fingerprint = excluded.fingerprint`;

function messageColumns(sealed: SealedMessage | undefined): readonly SqlValue[] {
  if (sealed === undefined) return [null, null, null, null, null];
  const { type, key = null, time, headers } = sealed.message;
  return [type, key, time, headersJson(headers), sealed.json];
}

/** Removes dead letters, and lets go of the keys that they held, under the locks of their subscriptions. Returns how many were there. */
export async function discard(connection: Connection, letters: readonly { readonly id: number }[]): Promise<number> {
  const ids = numberArray(letters.map(({ id }) => id));
  await connection.all(LOCK_SUBSCRIPTIONS, ids);
  const gone = await connection.all('delete from {s}.dead_letters where dead_letter_id = any($1::bigint[]) returning 1', ids);
  const held = await connection.all<{ subscriptionId: number; key: string }>(
    'delete from {s}.queue where dead_letter_id = any($1::bigint[]) returning subscription_id as "subscriptionId", key',
    ids,
  );
  for (const { subscriptionId, key } of held) await freeKeys(connection, subscriptionId, [key]);
  return gone.length;
}

const LOCK_SUBSCRIPTIONS = `select 1 from {s}.subscriptions
  where subscription_id in (select subscription_id from {s}.dead_letters where dead_letter_id = any($1::bigint[])) order by subscription_id for no key update`;

/** The columns of a dead letter; one per payload, so that a conflicting payload does not take the place of the first. */
const UPSERT = `insert into {s}.dead_letters as d (subscription_id, topic, source, id, fingerprint, type, key, time, headers, data, bytes, reason, history, died_at_ms)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, decode($11::text, 'hex'), $12, $13, {now})
  on conflict (subscription_id, source, id, fingerprint) do update set reason = excluded.reason, history = excluded.history, died_at_ms = excluded.died_at_ms
  returning dead_letter_id::float8 as id`;

const SELECT = `select d.dead_letter_id::float8 as "deadLetterId", d.subscription_id as "subscriptionId", s.name as consumer, s.ordered, d.topic, d.source, d.id, d.fingerprint,
  d.type, d.key, d.time, d.headers, d.data, encode(d.bytes, 'hex') as bytes, d.reason, d.history, d.died_at_ms::float8 as "diedAtMs"
  from {s}.dead_letters d join {s}.subscriptions s on s.subscription_id = d.subscription_id`;

interface DeadLetterRow {
  readonly deadLetterId: number;
  readonly subscriptionId: number;
  readonly consumer: string;
  readonly ordered: boolean;
  readonly topic: string;
  readonly source: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly type: string | null;
  readonly key: string | null;
  readonly time: string | null;
  readonly headers: string | null;
  readonly data: string | null;
  readonly bytes: string | null;
  readonly reason: string;
  readonly history: string;
  readonly diedAtMs: number;
}

function find(connection: Connection, id: number): Promise<DeadLetterRow | undefined> {
  return connection.get<DeadLetterRow>(`${SELECT} where d.dead_letter_id = $1::bigint`, id);
}

/** Its subscription is locked as well, and first: what waits behind a key is set aside and let go under that lock alone. */
function lock(connection: Connection, id: number): Promise<DeadLetterRow | undefined> {
  return connection.get<DeadLetterRow>(`${SELECT} where d.dead_letter_id = $1::bigint for no key update of s, d`, id);
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
    ...(bytes === null ? {} : { bytes: Uint8Array.from(Buffer.from(bytes, 'hex')) }),
  };
}

function messageOfLetter(row: DeadLetterRow): Message | undefined {
  return row.data === null ? undefined : messageOf(row as MessageRow);
}

/** Its record is reopened, or the message would meet it and be dropped as a duplicate. An at-most-once handler that failed left one that says done. */
async function redrive(connection: Connection, row: DeadLetterRow): Promise<void> {
  const message = messageOfLetter(row);
  if (message === undefined) throw refused(row, 'its bytes cannot be decoded');
  if (row.reason === 'identity-conflict') throw refused(row, 'its id belongs to another payload');
  const { subscriptionId, deadLetterId, source, id, fingerprint } = row;
  await connection.all('delete from {s}.inbox where subscription_id = $1 and source = $2 and id = $3', subscriptionId, source, id);
  const [held] = await connection.all<{ key: string }>(REOPEN, deadLetterId);
  if (held !== undefined) await freeKeys(connection, subscriptionId, [held.key]);
  else {
    const kept = await keepMessage(connection, { message, json: row.data as string, fingerprint });
    if (kept === undefined) throw refused(row, 'its id belongs to another payload by now');
    await addRow(connection, { subscriptionId, message: kept, key: row.ordered ? row.key : null, dueMs: null });
  }
  await connection.all('delete from {s}.dead_letters where dead_letter_id = $1::bigint', deadLetterId);
}

const REOPEN = `update {s}.queue set lane = ${LANES.ready}, attempts = 0, history = null, dead_letter_id = null where dead_letter_id = $1::bigint returning key`;

function refused(row: DeadLetterRow, why: string): SemelError {
  return new SemelError('not-redrivable', `dead letter ${row.deadLetterId} of ${row.consumer} cannot be redriven: ${why}`, {
    details: { id: row.deadLetterId, reason: row.reason },
  });
}
