import { randomUUID } from 'node:crypto';
import { SNS } from '@aws-sdk/client-sns';
import { clientOptionsAt, type SqsPlace } from '../sqs/queues.ts';

/** A client of SNS. */
export function snsAt(place: SqsPlace, endpoint?: string): SNS {
  return new SNS({ ...clientOptionsAt(place, endpoint) });
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
