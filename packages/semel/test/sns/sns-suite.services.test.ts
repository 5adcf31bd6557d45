import { randomUUID } from 'node:crypto';
import { sns } from 'semel/sns';
import { sqs } from 'semel/sqs';
import { transportSuite } from 'semel/testing';
import { test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { queueAt, sqsAt } from '../sqs/queues.ts';
import { snsAt, topicAt } from './topics.ts';

const TIMES = { leaseMs: 2_000, patienceMs: 5_000, quietMs: 300 };
const CONSUMERS = ['pay', 'ship'];

describeWith('fauxqs', 'on fauxqs', () => {
  const [client, queueClient] = [snsAt('fauxqs'), sqsAt('fauxqs')];
  for (const fifo of [false, true]) {
    const suffix = fifo ? '.fifo' : '';
    const transportOf = (topic: string, queues: string) =>
      sns({ client, topic, queues: sqs({ client: queueClient, queue: `${queues}-{consumer}${suffix}` }), subscriptions: 'create' });
    transportSuite({
      test: test.concurrent, // they wait more than they work
      name: fifo ? 'SNS FIFO' : 'SNS standard',
      transport: transportOf(`arn:aws:sns:us-east-1:000000000000:orders${suffix}`, 'orders'),
      create: async () => {
        const topic = await topicAt(client, fifo);
        const queues = await Promise.all(CONSUMERS.map((consumer) => queueAt(queueClient, fifo, {}, `${topic.name}-${consumer}`)));
        const inject = async (bytes: Uint8Array): Promise<boolean> => {
          const grouping = fifo ? { MessageGroupId: randomUUID(), MessageDeduplicationId: randomUUID() } : {};
          const text = Buffer.from(bytes).toString();
          const publish = () => client.publish({ TopicArn: topic.arn, Message: text, ...grouping });
          return (
            Buffer.from(text).equals(bytes) &&
            publish().then(
              () => true,
              () => false,
            )
          );
        };
        const close = async () => void (await Promise.all([topic, ...queues].map((each) => each.drop())));
        return { transport: transportOf(topic.arn, topic.name), topic: 'orders', realTime: TIMES, inject, close };
      },
    });
  }
});
