import type { Semel } from 'semel';
import type { SqliteTransaction } from 'semel/sqlite';
import { KILLER, type Order, orders } from './services.ts';

const CUSTOMERS = 5;
const ROLLED_BACK_EVERY = 7;

class ChangedItsMind extends Error {}

/**
 * Places `count` orders, each in one transaction with its message, and goes on where an earlier process was killed: what is in `placed`
 * was committed. Every seventh is rolled back once after its message was staged, and never placed.
 */
export async function placeOrders(semel: Semel<SqliteTransaction>, count: number, withKiller: boolean): Promise<void> {
  const done = await semel.transaction(
    ({ tx }) =>
      new Set(
        tx
          .prepare('select order_id from placed')
          .all()
          .map((row) => String(row['order_id'])),
      ),
  );
  if (withKiller && !done.has(KILLER)) await place(semel, { orderId: KILLER, customerId: KILLER, number: 0 });
  for (let number = 0; number < count; number++) {
    const order = { orderId: `order-${number}`, customerId: `customer-${number % CUSTOMERS}`, number };
    if (!done.has(order.orderId)) await place(semel, order).catch(expectRollback);
  }
}

function place(semel: Semel<SqliteTransaction>, order: Order): Promise<void> {
  return semel.transaction(async ({ tx, publish }) => {
    tx.prepare('insert into placed (order_id, customer_id, number) values (?, ?, ?)').run(order.orderId, order.customerId, order.number);
    await publish(orders, order);
    if (order.number % ROLLED_BACK_EVERY === 3) throw new ChangedItsMind(order.orderId);
  });
}

function expectRollback(error: unknown): void {
  if (!(error instanceof ChangedItsMind)) throw error;
}
