import { createSemel, type Semel } from 'semel';
import { CONTRACTS } from 'semel/contracts';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { orders, receipts } from './order.ts';
import { transportOf } from './transport-of.ts';

/** Exactly once over what is delivered once at most; an order over what keeps none; a topic that can only be published to. */
export const semel: Semel<SqliteTransaction> = createSemel({
  name: 'shop',
  store: sqlite('shop.db'),
  routes: { orders: transportOf(CONTRACTS['github-webhooks'], 'subscriber'), receipts: transportOf(CONTRACTS.sqs, 'publisher') },
});
semel.consume(orders, { name: 'payments' }, () => {});
semel.consume(orders, { name: 'ledger', order: 'key', guarantee: 'at-least-once' }, () => {});
semel.consume(receipts, { name: 'mail' }, () => {});
