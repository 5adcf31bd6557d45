import { randomUUID } from 'node:crypto';
import { SQS, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { type ServiceName, serviceUrl } from '../services/describe-with.ts';

/** Where SQS is spoken: an emulator's endpoint, or AWS itself. */
export type SqsPlace = ServiceName | 'aws';

/** The region in which tests may make queues and topics of an account; undefined where they may not, and then none of them reaches AWS. */
export const awsRegion: string | undefined = process.env['SEMEL_TEST_AWS'];

/** What a client is made with. For AWS itself credentials and endpoint are those of the SDK's own chain. */
export function clientOptionsAt(place: SqsPlace, endpoint: string | undefined = place === 'aws' ? undefined : serviceUrl(place)): SQSClientConfig {
  if (place !== 'aws') return { region: 'us-east-1', endpoint: endpoint as string, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
  if (awsRegion === undefined) throw new Error('SEMEL_TEST_AWS is not set: it names the region in which tests may make queues and topics');
  return { region: awsRegion };
}

/** A client of SQS. What emulators say of their queues' addresses does not always lead to them. */
export function sqsAt(place: SqsPlace, endpoint?: string): SQS {
  return new SQS({ ...clientOptionsAt(place, endpoint), useQueueUrlAsEndpoint: place === 'aws' && process.env['AWS_ENDPOINT_URL'] === undefined });
}

/** A queue of one test. */
export interface TestQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  /** The bodies that could be received, read without taking them away. */
  count(): Promise<number>;
  drop(): Promise<void>;
}

/** Makes an empty queue; seconds are strings at SQS. */
export async function queueAt(client: SQS, fifo: boolean, attributes: Readonly<Record<string, string>> = {}, base = `semel-test-${randomUUID()}`): Promise<TestQueue> {
  const name = `${base}${fifo ? '.fifo' : ''}`;
  const { QueueUrl: url = '' } = await client.createQueue({ QueueName: name, Attributes: { ...attributes, ...(fifo ? { FifoQueue: 'true' } : {}) } });
  const { Attributes: { QueueArn: arn = '' } = {} } = await client.getQueueAttributes({ QueueUrl: url, AttributeNames: ['QueueArn'] });
  const count = async () => {
    const { Attributes = {} } = await client.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] });
    return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
  };
  return { name, url, arn, fifo, count, drop: async () => void (await client.deleteQueue({ QueueUrl: url })) };
}

/** Sends bytes as they are; false where SQS does not take them: it carries text of some characters only. */
export async function injectInto(client: SQS, { url, fifo }: TestQueue, bytes: Uint8Array): Promise<boolean> {
  const body = Buffer.from(bytes).toString();
  if (!Buffer.from(body).equals(bytes)) return false;
  const grouping = fifo ? { MessageGroupId: randomUUID(), MessageDeduplicationId: randomUUID() } : {};
  return client.sendMessage({ QueueUrl: url, MessageBody: body, ...grouping }).then(
    () => true,
    () => false,
  );
}
