import { SQS } from '@aws-sdk/client-sqs';
import { sqs } from 'semel/sqs';
import { deliveries } from '../service.ts';
import type { Broker } from './broker.ts';

const QUEUE = `${deliveries.name}.fifo`;

/** A FIFO queue, in which a repository's deliveries are a group. AWS itself takes no endpoint, and credentials from the environment: `new SQS({})`. */
export function sqsBroker(endpoint: string): Broker {
  const client = new SQS({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'example', secretAccessKey: 'example' }, useQueueUrlAsEndpoint: false });
  return {
    transport: sqs({ client, queue: QUEUE, waitSeconds: 1 }),
    prepare: async () => void (await client.createQueue({ QueueName: QUEUE, Attributes: { FifoQueue: 'true' } })),
  };
}
