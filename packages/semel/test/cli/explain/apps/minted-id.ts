import { randomUUID } from 'node:crypto';
import { createSemel, type Semel, topic } from 'semel';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { schema } from './order.ts';

/** An id that is another one each time. */
export const semel: Semel<SqliteTransaction> = createSemel({ name: 'shop', store: sqlite('shop.db') });
semel.consume(topic('orders', { schema, id: () => randomUUID() }), { name: 'payments' }, () => {});
