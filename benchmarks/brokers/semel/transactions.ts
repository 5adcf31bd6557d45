import { createSemel } from 'semel';
import { kafkaTransactions } from 'semel/kafka-transactions';
import { ordersNamed } from '../../messages.ts';
import { createTables } from '../../postgres/tables.ts';
import { Countdown } from '../../processes/countdown.ts';
import { type Job, serve } from '../../processes/program.ts';
import { nameOf } from '../broker.ts';
import { KafkaBroker } from '../kafka.ts';
import { expectReceipts, receiptsOf } from '../receipts.ts';
import { publishAll } from '../shop.ts';

function deadLettersOf(topic: string): string {
  return `${topic}_dead`;
}

async function prepare(job: Job): Promise<void> {
  await createTables(job.url);
  const broker = new KafkaBroker(job);
  for (const topic of [broker.topic, receiptsOf(broker.topic), deadLettersOf(broker.topic)]) await broker.create(topic);
  await publishAll(broker, ordersNamed(broker.topic), job);
}

/** From topic to topic, in Kafka's transactions as a store: groups as they come, of up to a hundred. */
await serve({
  prepare,
  run: async (job) => {
    const broker = new KafkaBroker(job);
    const orders = ordersNamed(broker.topic);
    const receipts = ordersNamed(receiptsOf(broker.topic));
    const store = kafkaTransactions(broker.kafka, { deadLetterTopic: deadLettersOf(broker.topic) });
    const route = store.route();
    const shop = createSemel({ name: nameOf(job), store, routes: { [orders.name]: route, [receipts.name]: route } });
    const countdown = new Countdown(job.count);
    shop.consume(orders, { name: 'payments', publishes: [receipts] }, async ({ message, publish }) => {
      countdown.tick();
      await publish(receipts, message.data);
    });
    const running = await shop.start();
    await countdown.over;
    await running.idle();
    const spentMs = performance.now() - countdown.beganMs;
    await running.stop();
    await expectReceipts(broker, receipts.name, job.count);
    return { messages: job.count, spentMs };
  },
});
