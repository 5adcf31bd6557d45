import { randomUUID } from 'node:crypto';
import { sns } from 'semel/sns';
import { sqs } from 'semel/sqs';
import { type SuiteTest, transportSuite } from 'semel/testing';
import { queueAt, type SqsPlace, sqsAt } from '../sqs/queues.ts';
import { timesAt } from '../sqs/sqs-suite-at.ts';
import { snsAt, topicAt } from './topics.ts';

const CONSUMERS = ['pay', 'ship'];
/** From the beginning: where it is set later, SQS may take a minute to heed it, and SNS does not repeat what is not permitted. */
const OPEN_TO_SNS = {
  Policy: JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:*:sns:*:*:semel-test-*' } },
      },
    ],
  }),
};

/** The suite of transports over topics of a place, one for each test, with a queue for each consumer. */
export function snsSuiteAt(place: SqsPlace, fifo: boolean, test: SuiteTest): void {
  const [client, queueClient] = [snsAt(place), sqsAt(place)];
  const suffix = fifo ? '.fifo' : '';
  const transportOf = (topic: string, queues: string) =>
    sns({ client, topic, queues: sqs({ client: queueClient, queue: `${queues}-{consumer}${suffix}` }), subscriptions: 'create' });
  transportSuite({
    test,
    name: fifo ? 'SNS FIFO' : 'SNS standard',
    transport: transportOf(`arn:aws:sns:us-east-1:000000000000:orders${suffix}`, 'orders'),
    create: async () => {
      const topic = await topicAt(client, fifo);
      const queues = await Promise.all(CONSUMERS.map((consumer) => queueAt(queueClient, fifo, OPEN_TO_SNS, `${topic.name}-${consumer}`)));
      const inject = async (bytes: Uint8Array): Promise<boolean> => {
        const grouping = fifo ? { MessageGroupId: randomUUID(), MessageDeduplicationId: randomUUID() } : {};
        const text = Buffer.from(bytes).toString();
        const publish = () => client.publish({ TopicArn: topic.arn, Message: text, ...grouping });
        return (
          Buffer.from(text).equals(bytes) &&
          !text.includes('\0') && // LocalStack's SNS takes it, and its SQS does not
          publish().then(
            () => true,
            () => false,
          )
        );
      };
      const close = async () => void (await Promise.all([topic, ...queues].map((each) => each.drop())));
      return { transport: transportOf(topic.arn, topic.name), topic: 'orders', realTime: timesAt(place), inject, close };
    },
  });
}
