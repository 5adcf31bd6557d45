import type { Connection } from './connection.ts';
import { lastPosition, letHeadsGo } from './key-order.ts';
import type { SubscriptionRow } from './subscriptions.ts';

/** The messages of a topic that are published, and not delayed. */
const PUBLISHED = 'topic = ? and seq > ? and due_at_ms is null and parked = 0';

/** When something of the topic is next to be taken in: the past where it is published already. */
export function nextIntakeMs(connection: Connection, { topic, takenSeq }: SubscriptionRow, nowMs: number): number | undefined {
  const published = connection.get<{ atMs: number }>(`select published_at_ms as atMs from semel_messages where ${PUBLISHED} order by seq limit 1`, topic, takenSeq);
  if (published !== undefined) return Math.min(published.atMs, nowMs);
  return connection.get<{ dueMs: number | null }>('select min(due_at_ms) as dueMs from semel_messages where topic = ? and due_at_ms is not null', topic)?.dueMs ?? undefined;
}

/** How many messages of its topic a subscription has still to take in. */
export function countUntaken(connection: Connection, { topic, takenSeq, kind }: SubscriptionRow): number {
  if (kind === 'remote') return 0;
  return connection.get<{ count: number }>(`select count(*) as count from semel_messages where ${PUBLISHED}`, topic, takenSeq)?.count ?? 0;
}

/**
 * Gives the next messages of its topic queue rows of the subscription's own; of an ordered one all wait until the heads are let go.
 * @returns the subscription after it, or undefined where there was nothing to take
 */
export function takeNext(connection: Connection, subscription: SubscriptionRow, max: number, nowMs: number): SubscriptionRow | undefined {
  const { subscriptionId, topic, takenSeq, ordered } = subscription;
  const last =
    connection.get<{ seq: number | null }>(`select max(seq) as seq from (select seq from semel_messages where ${PUBLISHED} order by seq limit ?)`, topic, takenSeq, max)?.seq ??
    null;
  if (last === null) return undefined;
  const before = lastPosition(connection);
  connection.run(
    `insert into semel_queue (subscription_id, seq, key, waiting, due_at_ms)
      select :subscriptionId, seq, iif(:ordered, key, null), :ordered and key is not null, :nowMs from semel_messages
      where topic = :topic and seq > :takenSeq and due_at_ms is null and parked = 0 and seq <= :last order by seq
      on conflict (seq, subscription_id) do nothing`,
    { topic, takenSeq, subscriptionId, ordered, nowMs, last },
  );
  connection.run('update semel_subscriptions set taken_seq = ? where subscription_id = ?', last, subscriptionId);
  if (ordered === 1) letHeadsGo(connection, before);
  return { ...subscription, takenSeq: last };
}
