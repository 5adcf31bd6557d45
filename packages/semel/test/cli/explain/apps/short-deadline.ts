import { createSemel, type Semel } from 'semel';
import { CONTRACTS } from 'semel/contracts';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { orders } from './order.ts';
import { transportOf } from './transport-of.ts';

/** A handler that may take an hour, and a broker that takes messages back after half an hour. */
export const semel: Semel<SqliteTransaction> = createSemel({ name: 'shop', store: sqlite('shop.db'), routes: { orders: transportOf(CONTRACTS.rabbitmq) } });
semel.consume(orders, { name: 'payments', timeoutMs: 3_600_000 }, () => {});
