import { serve } from '../../processes/program.ts';
import { consumeByHand, prepareFullByHand } from '../hand.ts';
import { KafkaBroker } from '../kafka.ts';

/** The usual pick: `eachMessage` of kafkajs. */
await serve({
  prepare: prepareFullByHand,
  run: (job) => {
    const broker = new KafkaBroker(job);
    return consumeByHand(job, broker, (handle) => broker.consumeEach(handle));
  },
});
