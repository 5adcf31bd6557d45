import { createSemel, isSemelError, topic } from 'semel';
import { sqlite } from 'semel/sqlite';

interface Order {
  readonly orderId: string;
  readonly cents: number;
}

const orders = topic<'orders', Order>('orders', { id: (order) => `${order.orderId}/placed` });
const semel = createSemel({ name: 'shop', store: sqlite(':memory:') });

semel.consume(orders, { name: 'payments' }, ({ message, tx }) => {
  const cents: number = message.data.cents;
  // @ts-expect-error: the data has a type of its own
  message.data.missing;
  tx.prepare('insert into charges (cents) values (?)').run(cents);
});

try {
  await semel.publish(orders, { orderId: 'A1', cents: 100 });
} catch (error) {
  if (isSemelError(error, 'identity-conflict')) console.error(error.details);
}
