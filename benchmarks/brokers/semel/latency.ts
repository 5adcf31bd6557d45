import { ordersFrom } from '../../messages.ts';
import { Latency } from '../../processes/latency.ts';
import { serve } from '../../processes/program.ts';
import { LANES } from '../broker.ts';
import { branchOf, consumerOf, prepareBranch, publisherOf } from '../shop.ts';

/** A service at rest: from sending an order to the commit of its effect. */
await serve({
  prepare: async (job) => void (await prepareBranch(job)),
  run: async (job) => {
    const branch = await branchOf(job);
    const latency = new Latency(ordersFrom(job.first, job.count), 'call');
    branch.shop.observe(({ type, messages = [] }) => {
      if (type !== 'settling') return;
      for (const { id } of messages) {
        latency.arrived(id);
        latency.handled();
      }
    });
    consumerOf(branch, { handling: 'groups', concurrency: LANES }, () => {});
    await branch.shop.start();
    const publish = publisherOf(branch.broker, branch.orders);
    return latency.measure((order) => publish([order]));
  },
});
