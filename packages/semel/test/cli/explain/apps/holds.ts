import { createSemel, type Semel } from 'semel';
import { CONTRACTS } from 'semel/contracts';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { orders, receipts } from './order.ts';
import { transportOf } from './transport-of.ts';

/** Orders come by SQS, receipts stay in the store. The timer would keep the process alive. */
export const semel: Semel<SqliteTransaction> = createSemel({ name: 'shop', store: sqlite('shop.db'), routes: { orders: transportOf(CONTRACTS['sqs-fifo']) } });
semel.consume(orders, { name: 'payments', publishes: [receipts] }, () => {});
semel.consume(receipts, { name: 'mail', guarantee: 'at-least-once' }, () => {});
semel.consume(orders, { name: 'metrics', guarantee: 'at-most-once' }, () => {});
setInterval(() => {}, 60_000);
