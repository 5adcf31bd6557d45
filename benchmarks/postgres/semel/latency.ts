import { orders, ordersFrom, receipts } from '../../messages.ts';
import { Latency } from '../../processes/latency.ts';
import { drained, serve } from '../../processes/program.ts';
import { backlogOf, openShop, prepareShop } from '../shop.ts';
import { connected, insertPayment } from '../tables.ts';

/** A service at rest. What publishes is another one, as it would be in another process: it shares nothing but the database. */
await serve({
  prepare: ({ url }) => prepareShop(url),
  run: async ({ url, first, count }) => {
    const latency = new Latency(ordersFrom(first, count));
    const shop = openShop(url);
    shop.consume(orders, { name: 'payments', publishes: [receipts] }, async ({ message, tx, publish }) => {
      latency.arrived(message.id);
      await tx.query(insertPayment(message.data));
      await publish(receipts, message.data);
      latency.handled();
    });
    await shop.start();
    const publisher = openShop(url);
    await publisher.open();
    const report = await latency.measure((order) => publisher.publish(orders, order));
    await drained(await connected(url), backlogOf('payments'));
    return report;
  },
});
