import { join } from 'node:path';
import { test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { killBroker } from '../broker-crash/kill-broker.ts';
import { OwnFauxqs } from '../services/own-fauxqs.ts';
import { queueAt, sqsAt } from '../sqs/queues.ts';
import { snsAt, topicAt } from './topics.ts';

const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** @param kills how often SNS and SQS are killed and started again while a shop publishes to a FIFO topic and two others consume from a queue of it */
export function brokerKilledTest(kills: number, orders: number): void {
  test(`SNS and SQS are killed ${kills} times under load: every message has one effect, keys are in order (seed ${seed})`, { timeout: 25 * 60_000 }, async () => {
    await using server = await OwnFauxqs.start();
    const [client, queues] = [snsAt('fauxqs', server.url), sqsAt('fauxqs', server.url)];
    const topic = await topicAt(client, true);
    for (const consumer of ['book', 'poisoned']) {
      const { arn } = await queueAt(queues, true, {}, `${topic.name}-${consumer}`);
      await client.subscribe({ TopicArn: topic.arn, Protocol: 'sqs', Endpoint: arn, Attributes: { RawMessageDelivery: 'true' } });
    }
    const plan = { module: join(import.meta.dirname, 'sns-broker.ts'), address: `${server.url}#${topic.arn}#${topic.name}`, topic: 'orders', store: 'sqlite', orders };
    await using crew = await BrokerCrew.gather(plan);
    await killBroker(crew, server, { kills, seed });
  });
}
