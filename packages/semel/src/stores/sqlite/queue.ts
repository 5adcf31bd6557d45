import type { Delivery, Failure } from '../../core/delivery.ts';
import type { ItemReceipt, Queue } from '../../core/store.ts';
import { type MessageRow, messageOf } from '../../core/stored-message.ts';
import type { Connection } from './connection.ts';
import { nextIntakeMs, takeNext } from './intake.ts';
import { byFence, HELD_MS, releaseRows } from './queue-rows.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { publishDelayed } from './stage.ts';
import { FOREVER_MS, findSubscription, requireSubscription, type SubscriptionRow } from './subscriptions.ts';

/** {@link Queue} over the rows that publishing fans out, parked retries and the outbox alike. */
export class SqliteQueue implements Queue {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async lease(name: string, options: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean }): Promise<readonly Delivery[]> {
    const { reader } = this.#file;
    const dueMs = nextDueMs(reader, requireSubscription(reader, name), this.#file.nowMs);
    if (dueMs === undefined || dueMs > this.#file.nowMs) return [];
    return this.#file.writer.transact((connection) => {
      const subscription = requireSubscription(connection, name);
      const nowMs = this.#file.nowMs;
      if (subscription.pausedUntilMs !== null && subscription.pausedUntilMs > nowMs) return [];
      if (subscription.kind !== 'remote') publishDelayed(connection, subscription.topic, nowMs);
      const suspect = options.suspects ? nextSuspect(connection, subscription, nowMs) : undefined;
      const positions = suspect === undefined ? pick(connection, subscription, options.max, nowMs) : [suspect];
      return leaseRows(connection, subscription, positions, nowMs + options.leaseMs);
    });
  }

  async extend(name: string, items: readonly ItemReceipt[], leaseMs: number): Promise<readonly ItemReceipt[]> {
    return this.#file.writer.transact((connection) => {
      const { subscriptionId } = requireSubscription(connection, name);
      const untilMs = this.#file.nowMs + leaseMs;
      const kept = new Set(
        [...byFence(items)].flatMap(([fence, positions]) =>
          connection.all<{ position: number }>(EXTEND, untilMs, subscriptionId, fence, JSON.stringify(positions)).map(({ position }) => position),
        ),
      );
      return items.filter(({ item }) => !kept.has(item));
    });
  }

  async release(name: string, items: readonly ItemReceipt[]): Promise<void> {
    await this.#file.transact((connection) => {
      const subscription = findSubscription(connection, name);
      if (subscription !== undefined) releaseRows(connection, subscription.subscriptionId, items);
    });
  }

  async nextDueMs(name: string): Promise<number | undefined> {
    const { reader } = this.#file;
    return nextDueMs(reader, requireSubscription(reader, name), this.#file.nowMs);
  }

  watch(wake: () => void): () => void {
    return this.#file.wake.watch(wake);
  }
}

const EXTEND = `update semel_queue set lease_until_ms = ?
  where subscription_id = ? and fence = ? and lease_until_ms is not null and position in (select value from json_each(?)) returning position`;

/** Those whose owner let the lease run out: it may have died of any one of them. If it lives, it is theirs no more, of the followers of a key neither (trap 11). */
function suspectExpired(connection: Connection, { subscriptionId }: SubscriptionRow, nowMs: number): void {
  connection.run('update semel_queue set suspect = 1, lease_until_ms = null, fence = fence + 1 where subscription_id = ? and lease_until_ms <= ?', subscriptionId, nowMs);
}

/** A suspect runs alone. Its attempt is counted here, durably, for nothing counts it once it has ended the process (traps 33, 51). */
function nextSuspect(connection: Connection, subscription: SubscriptionRow, nowMs: number): number | undefined {
  suspectExpired(connection, subscription, nowMs);
  const row = connection.get<{ position: number }>(
    `select position from semel_queue
      where subscription_id = ? and suspect = 1 and waiting = 0 and lease_until_ms is null and due_at_ms <= ? order by position limit 1`,
    subscription.subscriptionId,
    nowMs,
  );
  if (row !== undefined) connection.run('update semel_queue set attempts = attempts + 1 where position = ?', row.position);
  return row?.position;
}

/** Messages that one lease takes in, in rounds: without a bound a key that is held could make it long. */
const MAX_ROUNDS = 10;

/** What is ready, topped up with messages that are still to be taken in. */
function pick(connection: Connection, subscription: SubscriptionRow, max: number, nowMs: number): readonly number[] {
  let current = subscription;
  for (let round = 1; ; round += 1) {
    const picked = pickReady(connection, current, max, nowMs);
    if (picked.length >= max || current.kind === 'remote' || round > MAX_ROUNDS) return picked;
    const next = takeNext(connection, current, max - picked.length, nowMs);
    if (next === undefined) return picked;
    current = next;
  }
}

/** Heads in the order in which they became due, each followed by its fair share of what waits behind it. */
function pickReady(connection: Connection, subscription: SubscriptionRow, max: number, nowMs: number): readonly number[] {
  const heads = connection.all<{ position: number; key: string | null }>(
    `select position, key from semel_queue indexed by semel_queue_ready
      where subscription_id = ? and waiting = 0 and lease_until_ms is null and due_at_ms <= ? and suspect = 0 order by due_at_ms, position limit ?`,
    subscription.subscriptionId,
    nowMs,
    max,
  );
  let room = max - heads.length;
  if (room <= 0 || subscription.ordered === 0) return heads.map(({ position }) => position);
  let keys = heads.filter(({ key }) => key !== null).length;
  return heads.flatMap(({ position, key }) => {
    if (key === null || room === 0) return [position];
    const followers = followersOf(connection, subscription.subscriptionId, key, position, Math.ceil(room / keys), nowMs);
    room -= followers.length;
    keys -= 1;
    return [position, ...followers];
  });
}

/** The run of a key behind its head: it ends before a suspect, which has to run alone, and before what is in flight or not due. */
function followersOf(connection: Connection, subscriptionId: number, key: string, head: number, limit: number, nowMs: number): readonly number[] {
  const rows = connection.all<{ position: number; ready: 0 | 1 }>(
    `select position, lease_until_ms is null and suspect = 0 and due_at_ms <= ? as ready from semel_queue
      where subscription_id = ? and key = ? and position > ? order by position limit ?`,
    nowMs,
    subscriptionId,
    key,
    head,
    limit,
  );
  const end = rows.findIndex(({ ready }) => ready === 0);
  return rows.slice(0, end < 0 ? rows.length : end).map(({ position }) => position);
}

interface LeasedRow extends MessageRow {
  readonly position: number;
  readonly seq: number;
  readonly fence: number;
  readonly attempts: number;
  readonly suspect: 0 | 1;
  readonly history: string | null;
  readonly fingerprint: string;
}

/** Marks the rows as in flight and reads them, in the order given. */
function leaseRows(connection: Connection, subscription: SubscriptionRow, positions: readonly number[], untilMs: number): readonly Delivery[] {
  if (positions.length === 0) return [];
  const list = JSON.stringify(positions);
  connection.run('update semel_queue set lease_until_ms = ?, fence = fence + 1 where position in (select value from json_each(?))', untilMs, list);
  const rows = connection.all<LeasedRow>(
    `select q.position, q.fence, q.attempts, q.suspect, q.history, m.seq, m.source, m.id, m.topic, m.type, m.key, m.time, m.headers, m.data, m.fingerprint
      from json_each(?) list cross join semel_queue q on q.position = list.value cross join semel_messages m on m.seq = q.seq order by list.key`,
    list,
  );
  return rows.map((row) => deliveryOf(row, subscription));
}

function deliveryOf(row: LeasedRow, { kind }: SubscriptionRow): Delivery {
  const suspect = row.suspect === 1;
  const message = messageOf(row, kind === 'route' && row.key !== null ? { sequence: sequenceOf(row.seq) } : undefined);
  return {
    topic: row.topic,
    content: { message, json: row.data, ...(row.fingerprint === '' ? {} : { fingerprint: row.fingerprint }) },
    receipt: { kind: 'item', item: row.position, fence: row.fence },
    attempt: suspect ? row.attempts : row.attempts + 1,
    ...(row.history === null ? {} : { history: JSON.parse(row.history) as Failure[] }),
    ...(suspect ? { suspect } : {}),
  };
}

/**
 * Ascends within each key, since it is given under the write lock, and sorts as text, as CloudEvents asks of `sequence`. One number
 * for all keys needs no counter per key, of which there would be as many for ever as there ever were keys.
 */
function sequenceOf(seq: number): string {
  return String(seq).padStart(16, '0');
}

function nextDueMs(connection: Connection, subscription: SubscriptionRow, nowMs: number): number | undefined {
  const { subscriptionId, kind, pausedUntilMs } = subscription;
  if (pausedUntilMs === FOREVER_MS) return undefined;
  const row = connection.get<{ readyMs: number | null; leasedMs: number | null }>(
    `select (select min(due_at_ms) from semel_queue where subscription_id = :subscriptionId and waiting = 0 and lease_until_ms is null) as readyMs,
      (select min(lease_until_ms) from semel_queue where subscription_id = :subscriptionId and lease_until_ms is not null) as leasedMs`,
    { subscriptionId },
  );
  const intakeMs = kind === 'remote' ? undefined : nextIntakeMs(connection, subscription, nowMs);
  const nextMs = Math.min(row?.readyMs ?? HELD_MS, row?.leasedMs ?? HELD_MS, intakeMs ?? HELD_MS);
  return nextMs === HELD_MS ? undefined : Math.max(nextMs, pausedUntilMs ?? 0);
}
