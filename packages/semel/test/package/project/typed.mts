import { createSemel, isSemelError, type StandardSchema, topic } from 'semel';
import { sqlite } from 'semel/sqlite';

interface Order {
  readonly orderId: string;
  readonly cents: number;
}

declare const Order: StandardSchema<Order>;

const orders = topic('orders', { schema: Order, id: (order) => `${order.orderId}/placed` });
const semel = createSemel({ name: 'shop', store: sqlite('shop.db') });

semel.consume(orders, { name: 'payments' }, ({ message, tx }) => {
  const cents: number = message.data.cents;
  // @ts-expect-error: the data has the schema's type
  const missing = message.data.missing;
  tx.prepare('insert into charges (cents, missing) values (?, ?)').run(cents, missing);
});

try {
  await semel.publish(orders, { orderId: 'A1', cents: 100 });
  // @ts-expect-error: an order needs its cents
  await semel.publish(orders, { orderId: 'A2' });
} catch (error) {
  if (isSemelError(error, 'identity-conflict')) console.error(error.details);
}
