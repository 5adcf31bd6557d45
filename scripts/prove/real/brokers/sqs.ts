import { SQS } from '@aws-sdk/client-sqs';
import type { Transport } from 'semel';
import { sqs } from 'semel/sqs';

/** At `<endpoint>#<queue>`. The address of a queue names the server itself, so it is not used as one. */
export function transport(address: string): Transport {
  const [endpoint = '', queue = ''] = address.split('#');
  const client = new SQS({ region: 'us-east-1', endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, useQueueUrlAsEndpoint: false });
  return sqs({ client, queue, waitSeconds: 1 });
}
