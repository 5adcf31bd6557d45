import { type Order, ordersFrom, placedId } from '../../messages.ts';
import { Latency } from '../../processes/latency.ts';
import { serve } from '../../processes/program.ts';
import { brokerOf } from '../broker-of.ts';
import { prepareByHand, writeTo } from '../hand.ts';

/** The bare client at rest: from sending an order to the commit of its effect. */
await serve({
  prepare: async (job) => void (await prepareByHand(job)),
  run: async (job) => {
    const broker = await brokerOf(job);
    const write = writeTo(job.url);
    const latency = new Latency(ordersFrom(job.first, job.count), 'call');
    await broker.consume(1, async (orders) => {
      await write(orders);
      latency.arrived(placedId(orders[0] as Order));
      latency.handled();
    });
    return latency.measure((order) => broker.send([order]));
  },
});
