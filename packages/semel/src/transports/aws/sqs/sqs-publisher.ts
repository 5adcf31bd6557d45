import { BatchPublisher } from '../../../core/batch-publisher.ts';
import type { Opened } from '../../../core/opened.ts';
import type { Publisher } from '../../../core/transport.ts';
import { type AwsSending, AwsSink } from '../aws-sink.ts';
import type { SqsQueue } from './sqs-queue.ts';

/** Bytes of all messages of a SendMessageBatch, at most. */
const MAX_REQUEST_BYTES = 1_048_576;

/** Publishes to a queue with SendMessageBatch. */
export function sqsPublisher(queue: Opened<SqsQueue>, sending: Pick<AwsSending, 'fifo' | 'wire' | 'maxBytes' | 'largePayloads' | 'tenant'>): Publisher {
  const sink = new AwsSink({
    ...sending,
    service: 'SQS',
    maxRequestBytes: MAX_REQUEST_BYTES,
    open: async () => void (await queue.get()),
    send: async (entries, abortSignal) => {
      const { client, url } = await queue.get();
      const Entries = entries.map(({ body, attributes, grouping }, index) => ({ Id: String(index), MessageBody: body, MessageAttributes: attributes, ...grouping }));
      return client.sendMessageBatch({ QueueUrl: url, Entries }, { abortSignal });
    },
  });
  return new BatchPublisher(sink);
}
