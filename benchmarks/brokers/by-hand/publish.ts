import { ordersFrom } from '../../messages.ts';
import { connected } from '../../postgres/tables.ts';
import { serve, timed } from '../../processes/program.ts';
import { brokerOf } from '../broker-of.ts';
import { expectLeft } from '../consumption.ts';
import { prepareByHand, sendAll } from '../hand.ts';

/** What the bare client gets confirmed of orders in memory. */
await serve({
  prepare: async (job) => void (await prepareByHand(job)),
  run: async (job) => {
    const broker = await brokerOf(job);
    const orders = ordersFrom(job.first, job.count);
    const report = await timed(await connected(job.url), job.count, () => sendAll(broker, orders));
    await expectLeft(broker, job.count);
    return report;
  },
});
