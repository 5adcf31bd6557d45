import { setTimeout as sleep } from 'node:timers/promises';
import { SQS } from '@aws-sdk/client-sqs';
import type { Mode } from '../mode.ts';
import { type ColumnBroker, type Delivered, poll } from './column-broker.ts';

/** SQS hides messages for whole seconds. */
const VISIBILITY_SECONDS = 1;
const BATCH = 10;
const RETRY_MS = 100;
const COUNTS = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;

/** What speaks SQS, with a standard queue for each column. */
export function sqsBroker(endpoint: string, queue: Mode): ColumnBroker {
  const credentials = { accessKeyId: 'demo', secretAccessKey: 'demo' };
  const client = new SQS({ region: 'us-east-1', endpoint, credentials, useQueueUrlAsEndpoint: false });
  const address = async () => (await client.getQueueUrl({ QueueName: queue })).QueueUrl;
  return {
    leaseMs: VISIBILITY_SECONDS * 1000,
    publish: async (messages) => {
      const { QueueUrl } = await client.createQueue({ QueueName: queue });
      for (const { body, times } of messages) for (let time = 0; time < times; time++) await client.sendMessage({ QueueUrl, MessageBody: body });
    },
    consume: (handle, stop) => poll(() => receive(client, address), handle, stop),
    transport: async () => (await import('semel/sqs')).sqs({ client, queue, waitSeconds: 1 }),
    remaining: async () => {
      const { Attributes = {} } = await client.getQueueAttributes({ QueueUrl: await address(), AttributeNames: [...COUNTS] });
      return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
    },
    close: async () => client.destroy(),
  };
}

async function receive(client: SQS, address: () => Promise<string | undefined>): Promise<readonly Delivered[]> {
  try {
    const QueueUrl = await address();
    const { Messages = [] } = await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: BATCH, VisibilityTimeout: VISIBILITY_SECONDS });
    const acknowledge = (ReceiptHandle: string | undefined) =>
      client.deleteMessage({ QueueUrl, ReceiptHandle }).then(
        () => true,
        () => false,
      );
    return Messages.map(({ Body = '', ReceiptHandle }) => ({ body: Body, acknowledge: () => acknowledge(ReceiptHandle) }));
  } catch {
    await sleep(RETRY_MS);
    return [];
  }
}
