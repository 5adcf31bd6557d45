import { serve } from '../../processes/program.ts';
import { brokerOf } from '../broker-of.ts';
import { consumeByHand, prepareFullByHand } from '../hand.ts';

/** How many messages share a transaction, at most. */
interface Options {
  readonly most: number;
}

/** The bare client: a transaction for each message or for many, and an acknowledgement after it. */
await serve<Options>({
  prepare: prepareFullByHand,
  run: async ({ most, ...job }) => {
    const broker = await brokerOf(job);
    return consumeByHand(job, broker, (handle) => broker.consume(most, handle));
  },
});
