import { SQS } from '@aws-sdk/client-sqs';
import type { Transport } from 'semel';
import { sqs } from 'semel/sqs';

/** One queue, for the processes that are to be killed: at `<endpoint>#<queue>`. */
export function transport(address: string): Transport {
  const [endpoint = '', queue = ''] = address.split('#');
  const client = new SQS({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  return sqs({ client, queue, waitSeconds: 1 });
}
