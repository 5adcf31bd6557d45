import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import type { Transport } from 'semel';
import { sns } from 'semel/sns';
import { sqs } from 'semel/sqs';

/** For the processes that are to be killed: at `<endpoint>#<ARN of a FIFO topic>#<base of its queues>`. */
export function transport(address: string): Transport {
  const [endpoint = '', topic = '', base] = address.split('#');
  const settings = { region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const queues = sqs({ client: new SQS({ ...settings, useQueueUrlAsEndpoint: false }), queue: `${base}-{consumer}.fifo` });
  return sns({ client: new SNS(settings), topic, queues });
}
