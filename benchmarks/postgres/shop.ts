import { Pool } from 'pg';
import { type Consumer, createSemel, type Semel, type Store } from 'semel';
import { type PostgresTransaction, postgres } from 'semel/postgres';
import { orders, receipts, SERVICE } from '../messages.ts';
import { outboxOnly } from '../semel/outbox-only.ts';
import { createPayments, insertPayment, insertPayments } from './tables.ts';

/** A service on Postgres. */
export type Shop = Semel<PostgresTransaction>;

/** How the consumer is declared. */
export interface Declaration {
  /** `x1`: a transaction for each message; in the others up to 100 share one. */
  readonly handling: 'groups' | 'concurrent' | 'set' | 'x1';
  /** Transactions at once. */
  readonly concurrency: number;
}

/** Eight transactions, and besides them heartbeats, leases, and the connection that listens. */
const CONNECTIONS = 12;

/** The store on a database. */
export function storeOn(url: string, connections: number = CONNECTIONS): Store<PostgresTransaction> {
  return postgres(new Pool({ connectionString: url, max: connections, pipeline: true }), { migrate: true });
}

/** A service without routes: what it publishes for one goes to the outbox all the same, for the route was joined, and no relay takes it out. */
export function openShop(url: string, store: Store<PostgresTransaction> = storeOn(url)): Shop {
  return createSemel({ name: SERVICE, store });
}

/** Makes the tables, and joins the consumer and the route of the receipts. */
export async function prepareShop(url: string): Promise<void> {
  const shop = createSemel({ name: SERVICE, store: storeOn(url), routes: { receipts: outboxOnly } });
  await shop.processor(consumerOf(shop, { handling: 'groups', concurrency: 1 }, () => {}));
  await shop.close();
  await createPayments(url);
}

/**
 * Declares the consumer that is measured: one effect and one message for each order.
 * @param handled told how many messages a handler is through with; they may still be to be committed
 */
export function consumerOf(shop: Shop, { handling, concurrency }: Declaration, handled: (count: number) => void): Consumer {
  const options = { name: 'payments', publishes: [receipts], concurrency } as const;
  if (handling === 'set') {
    return shop.consumeSet(orders, options, async ({ messages, tx, publish }) => {
      const written = tx.query(insertPayments(messages.map(({ data }) => data)));
      await Promise.all([written, ...messages.map((message) => publish(receipts, message.data, {}, message))]);
      handled(messages.length);
    });
  }
  const group = { groups: { max: 100 }, concurrent: 'concurrent', x1: false } as const;
  return shop.consume(orders, { ...options, group: group[handling] }, async ({ message, tx, publish }) => {
    await tx.query(insertPayment(message.data));
    await publish(receipts, message.data);
    handled(1);
  });
}

/** Gives no row once the queue of the subscription is empty. */
export function backlogOf(subscription: string): string {
  return `select from semel.queue join semel.subscriptions using (subscription_id) where name = '${subscription}' limit 1`;
}
