import { serve } from '../../processes/program.ts';
import { measureConsumption } from '../consumption.ts';
import { Footprint } from '../footprint.ts';
import { branchOf, consumerOf, type Declaration, prepareFullBranch } from '../shop.ts';

interface Options extends Declaration {
  /** Whether memory is looked at, for there are many messages. */
  readonly footprint?: boolean;
}

/** A service that works off what is in a topic. */
await serve<Options>({
  prepare: prepareFullBranch,
  run: async ({ handling, concurrency, footprint: looked = false, ...job }) => {
    const branch = await branchOf(job);
    const footprint = new Footprint(job.count);
    const report = await measureConsumption(job, branch.broker, async (beginning) => {
      consumerOf(branch, { handling, concurrency }, () => {
        footprint.tick(1);
        beginning(1);
      });
      const running = await branch.shop.start();
      return () => running.stop();
    });
    return looked ? { ...report, ...footprint.ends } : report;
  },
});
