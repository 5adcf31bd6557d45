import { randomUUID } from 'node:crypto';
import { SNS } from '@aws-sdk/client-sns';
import { serviceUrl } from '../services/describe-with.ts';

/** A client; for AWS itself with the credentials and the region of the environment. */
export function snsAt(place: 'fauxqs' | 'aws', endpoint: string | undefined = place === 'aws' ? undefined : serviceUrl(place)): SNS {
  if (place === 'aws') return new SNS({});
  return new SNS({ region: 'us-east-1', endpoint: endpoint as string, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 });
}

/** A topic of one test. */
export interface TestTopic {
  readonly arn: string;
  readonly name: string;
  drop(): Promise<void>;
}

/** Makes an empty topic. */
export async function topicAt(client: SNS, fifo: boolean): Promise<TestTopic> {
  const name = `semel-test-${randomUUID()}`;
  const { TopicArn: arn = '' } = await client.createTopic({ Name: `${name}${fifo ? '.fifo' : ''}`, ...(fifo ? { Attributes: { FifoTopic: 'true' } } : {}) });
  return { arn, name, drop: async () => void (await client.deleteTopic({ TopicArn: arn })) };
}
