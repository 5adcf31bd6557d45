import type { Topic } from 'semel';
import { type Order, ordersFrom } from '../messages.ts';
import { deliverTo } from '../processes/feeders.ts';
import { openShop } from './shop.ts';

/** Publishes orders by their numbers, a hundred in a transaction. */
export async function publishOrders(url: string, topic: Topic<Order, Order>, first: number, count: number): Promise<void> {
  const shop = openShop(url);
  const publishers = Array.from({ length: 4 });
  await deliverTo(publishers, ordersFrom(first, count), (_, batch) =>
    shop.transaction(async ({ publish }) => {
      for (const order of batch) await publish(topic, order);
    }),
  );
  await shop.close();
}
