import { createSemel, type Semel } from 'semel';
import { CONTRACTS } from 'semel/contracts';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { orders } from './order.ts';
import { transportOf } from './transport-of.ts';

/** Records of a week, for events that come again for 15 days. */
export const semel: Semel<SqliteTransaction> = createSemel({
  name: 'shop',
  store: sqlite('shop.db'),
  routes: { orders: transportOf(CONTRACTS.eventbridge, 'subscriber') },
  retention: { inboxMs: 7 * 86_400_000 },
});
semel.consume(orders, { name: 'payments', timeoutMs: 5_000 }, () => {});
