import type { EachBatchPayload, Producer } from 'kafkajs';
import { Countdown } from '../../processes/countdown.ts';
import { serve } from '../../processes/program.ts';
import { prepareFullByHand } from '../hand.ts';
import { KafkaBroker } from '../kafka.ts';
import { expectReceipts, receiptsOf } from '../receipts.ts';

/** How many messages share a transaction, at most. */
interface Options {
  readonly most: number;
}

/** Each part of a batch is one transaction: its receipts, and how far the group is. */
async function handleParts({ batch, resolveOffset, heartbeat }: EachBatchPayload, producer: Producer, consumerGroupId: string, most: number): Promise<void> {
  const { topic, partition, messages } = batch;
  for (let at = 0; at < messages.length; at += most) {
    const part = messages.slice(at, at + most);
    const last = part.at(-1)?.offset as string;
    const transaction = await producer.transaction();
    await transaction.send({ topic: receiptsOf(topic), messages: part.map(({ value }) => ({ value: JSON.stringify(JSON.parse(String(value))) })) });
    await transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions: [{ partition, offset: String(BigInt(last) + 1n) }] }] });
    await transaction.commit();
    resolveOffset(last);
    await heartbeat();
  }
}

/** From topic to topic, in transactions of kafkajs. */
await serve<Options>({
  prepare: async (job) => {
    await prepareFullByHand(job);
    const broker = new KafkaBroker(job);
    await broker.create(receiptsOf(broker.topic));
  },
  run: async ({ most, ...job }) => {
    const broker = new KafkaBroker(job);
    const producer = broker.kafka.producer({ transactionalId: broker.topic, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const countdown = new Countdown(job.count);
    const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
      countdown.begin();
      await handleParts(payload, producer, broker.group, most);
      countdown.tick(payload.batch.messages.length);
    };
    const stop = await broker.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    await countdown.over;
    const spentMs = performance.now() - countdown.beganMs;
    await stop();
    await expectReceipts(broker, receiptsOf(broker.topic), job.count);
    return { messages: job.count, spentMs };
  },
});
