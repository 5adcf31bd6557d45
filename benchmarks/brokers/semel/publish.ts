import type { Transport } from 'semel';
import { publishOrders } from '../../postgres/publish-orders.ts';
import { backlogOf } from '../../postgres/shop.ts';
import { connected } from '../../postgres/tables.ts';
import { Countdown } from '../../processes/countdown.ts';
import { drained, serve, timed } from '../../processes/program.ts';
import { expectLeft } from '../consumption.ts';
import { branchOf, prepareBranch } from '../shop.ts';

/** A transport that counts what its broker has accepted. */
function counting(countdown: Countdown, { publisher, ...transport }: Transport): Transport {
  if (publisher === undefined) throw new Error('the transport has no publisher');
  return {
    ...transport,
    publisher: {
      keepsKeyOrder: publisher.keepsKeyOrder,
      publish: async (messages, options) => {
        const results = await publisher.publish(messages, options);
        countdown.tick(results.filter(({ kind }) => kind === 'accepted').length);
        return results;
      },
      close: () => publisher.close(),
    },
  };
}

/** The relay works off a full outbox, into the broker. */
await serve({
  prepare: async (job) => {
    const { orders } = await prepareBranch(job);
    await publishOrders(job.url, orders, job.first, job.count);
  },
  run: async (job) => {
    const admin = await connected(job.url);
    const countdown = new Countdown(job.count);
    const { shop, orders, broker } = await branchOf(job, (transport) => counting(countdown, transport));
    await shop.open();
    const report = await timed(admin, job.count, async () => {
      await shop.start();
      await countdown.over;
      await drained(admin, backlogOf(`${orders.name}>${job.broker?.name}`));
    });
    await expectLeft(broker, job.count);
    return report;
  },
});
