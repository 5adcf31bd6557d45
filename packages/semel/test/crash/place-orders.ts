import type { Semel } from 'semel';
import type { Ledger, Order } from './ledger.ts';
import { KILLER, orders } from './services.ts';

const CUSTOMERS = 5;
const ROLLED_BACK_EVERY = 7;

class ChangedItsMind extends Error {}

/**
 * Places `count` orders, each in one transaction with its message, and goes on where an earlier process was killed: what is in `placed`
 * was committed. Every seventh is rolled back once after its message was staged, and never placed.
 *
 * @param told of each that was placed, once the store has said so
 */
export async function placeOrders<Tx>(semel: Semel<Tx>, ledger: Ledger<Tx>, count: number, withKiller: boolean, told: (orderId: string) => void): Promise<void> {
  const done = new Set(await semel.transaction(({ tx }) => ledger.ids(tx, 'placed')));
  const place = async (order: Order) => {
    await semel.transaction(async ({ tx, publish }) => {
      await ledger.write(tx, 'placed', order);
      await publish(orders, order);
      if (order.number % ROLLED_BACK_EVERY === 3) throw new ChangedItsMind(order.orderId);
    });
    told(order.orderId);
  };
  if (withKiller && !done.has(KILLER)) await place({ orderId: KILLER, customerId: KILLER, number: 0 });
  for (let number = 0; number < count; number++) {
    const order = { orderId: `order-${number}`, customerId: `customer-${number % CUSTOMERS}`, number };
    if (!done.has(order.orderId)) await place(order).catch(expectRollback);
  }
}

function expectRollback(error: unknown): void {
  if (!(error instanceof ChangedItsMind)) throw error;
}
