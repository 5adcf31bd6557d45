import { Consumer } from 'sqs-consumer';
import type { Handle, Stop } from '../brokers/broker.ts';
import { expectLeft } from '../brokers/consumption.ts';
import { consumeByHand, prepareFullByHand } from '../brokers/hand.ts';
import { orderOf, SqsBroker } from '../brokers/sqs.ts';
import { serve } from '../processes/program.ts';

async function consumeFrom(broker: SqsBroker, handle: Handle): Promise<Stop> {
  const consumer = Consumer.create({
    queueUrl: await broker.url(),
    sqs: broker.client,
    batchSize: 10,
    handleMessage: async (message) => {
      await handle([orderOf(message)]);
      return message;
    },
  });
  consumer.on('error', (error) => console.error(error));
  consumer.start();
  return async () => {
    await expectLeft(broker, 0); // it tells nobody when the last is deleted
    consumer.stop();
  };
}

/** Ten messages at once, each deleted when it is handled. */
await serve({
  prepare: prepareFullByHand,
  run: (job) => {
    const broker = new SqsBroker(job);
    return consumeByHand(job, broker, (handle) => consumeFrom(broker, handle));
  },
});
