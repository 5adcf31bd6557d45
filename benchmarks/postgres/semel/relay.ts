import { createSemel, type Transport } from 'semel';
import { receipts, SERVICE } from '../../messages.ts';
import { Countdown } from '../../processes/countdown.ts';
import { drained, serve, timed } from '../../processes/program.ts';
import { outboxOnly } from '../../semel/outbox-only.ts';
import { publishOrders } from '../publish-orders.ts';
import { backlogOf, prepareShop, storeOn } from '../shop.ts';
import { connected } from '../tables.ts';

/** A broker that takes everything at once. */
function taking(countdown: Countdown): Transport {
  return {
    ...outboxOnly,
    publisher: {
      keepsKeyOrder: true,
      publish: async (messages) => {
        countdown.tick(messages.length);
        return messages.map(() => ({ kind: 'accepted' }));
      },
      close: async () => {},
    },
  };
}

/** The relay works off a full outbox. */
await serve({
  prepare: async ({ url, first, count }) => {
    await prepareShop(url);
    await publishOrders(url, receipts, first, count);
  },
  run: async ({ url, count }) => {
    const admin = await connected(url);
    const countdown = new Countdown(count);
    const shop = createSemel({ name: SERVICE, store: storeOn(url), routes: { receipts: taking(countdown) }, relay: { max: 1000 } });
    await shop.open();
    return timed(admin, count, async () => {
      await shop.start();
      await countdown.over;
      await drained(admin, backlogOf('receipts>broker'));
    });
  },
});
