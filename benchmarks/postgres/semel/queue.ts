import { orders } from '../../messages.ts';
import { Countdown } from '../../processes/countdown.ts';
import { drained, serve, timed } from '../../processes/program.ts';
import { publishOrders } from '../publish-orders.ts';
import { backlogOf, consumerOf, type Declaration, openShop, prepareShop } from '../shop.ts';
import { connected } from '../tables.ts';

/** A service that works off the backlog of a local topic. */
await serve<Declaration>({
  prepare: async ({ url, first, count }) => {
    await prepareShop(url);
    await publishOrders(url, orders, first, count);
  },
  run: async ({ url, count, ...declaration }) => {
    const admin = await connected(url);
    const shop = openShop(url);
    const countdown = new Countdown(count);
    consumerOf(shop, declaration, (handled) => countdown.tick(handled));
    await shop.open();
    return timed(admin, count, async () => {
      await shop.start();
      await countdown.over;
      await drained(admin, backlogOf('payments'));
    });
  },
});
