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
  readonly ordered: boolean;
  readonly pausedUntilMs: number | null;
  /** Last time a process was seen to start it. */
  readonly seenAtMs: number;
}

/** The columns of a {@link SubscriptionRow}. */
export const SUBSCRIPTION_COLUMNS = 'subscription_id as "subscriptionId", kind, topic, ordered, paused_until_ms::float8 as "pausedUntilMs", seen_at_ms::float8 as "seenAtMs"';

/** Looked up in every transaction, and never remembered: another process may rename or remove it at any time. */
export function findSubscription(connection: Connection, name: string): Promise<SubscriptionRow | undefined> {
  return connection.get<SubscriptionRow>(`select ${SUBSCRIPTION_COLUMNS} from {s}.subscriptions where name = $1`, name);
}

/** As {@link findSubscription}, and nobody else leases, renames or removes it until the end of the transaction. */
export async function lockSubscription(connection: Connection, name: string): Promise<SubscriptionRow> {
  return known(name, await connection.get<SubscriptionRow>(`select ${SUBSCRIPTION_COLUMNS} from {s}.subscriptions where name = $1 for no key update`, name));
}

/** The subscription of that name; throws `unknown-consumer` where nobody joined under it. */
export async function requireSubscription(connection: Connection, name: string): Promise<SubscriptionRow> {
  return known(name, await findSubscription(connection, name));
}

/** The row that was looked for by a subscription's name. @throws SemelError `unknown-consumer` where there is none */
export function known<Row>(name: string, row: Row | undefined): Row {
  if (row === undefined) throw new SemelError('unknown-consumer', `no consumer or route ${name} has joined this store`, { details: { name } });
  return row;
}
