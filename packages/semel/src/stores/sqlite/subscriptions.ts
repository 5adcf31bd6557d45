import { SemelError } from '../../core/errors.ts';
import type { Subscription } from '../../core/store.ts';
import type { Connection } from './connection.ts';

/** Where a subscription's `pausedUntilMs` is Infinity. */
export const FOREVER_MS: number = Number.MAX_SAFE_INTEGER;

/** A subscription's row, as far as the other tables' work needs it. */
export interface SubscriptionRow {
  readonly subscriptionId: number;
  readonly kind: Subscription['kind'];
  readonly topic: string;
  readonly ordered: 0 | 1;
  /** The last message that it took into the queue. */
  readonly takenSeq: number;
  readonly pausedUntilMs: number | null;
  /** Last time a process was seen to start it. */
  readonly seenAtMs: number;
}

/** Looked up in every transaction, and never remembered: another process may rename or remove it at any time. */
export function findSubscription(connection: Connection, name: string): SubscriptionRow | undefined {
  return connection.get<SubscriptionRow>(
    `select subscription_id as subscriptionId, kind, topic, ordered, taken_seq as takenSeq, paused_until_ms as pausedUntilMs, seen_at_ms as seenAtMs
      from semel_subscriptions where name = ?`,
    name,
  );
}

/** The subscription of that name; throws `unknown-consumer` where nobody joined under it. */
export function requireSubscription(connection: Connection, name: string): SubscriptionRow {
  const found = findSubscription(connection, name);
  if (found === undefined) throw new SemelError('unknown-consumer', `no consumer or route ${name} has joined ${connection.path}`, { details: { name } });
  return found;
}
