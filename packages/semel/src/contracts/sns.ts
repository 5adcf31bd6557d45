import type { Contract } from '../core/contract.ts';
import { sqsContract } from './sqs.ts';

const GUIDE = 'https://docs.aws.amazon.com/sns/latest/dg';
const API = 'https://docs.aws.amazon.com/sns/latest/api';
const RETRIES = `${GUIDE}/sns-message-delivery-retries.html`;
const DAY_MS = 86_400_000;

/** What a standard topic of Amazon SNS promises, with a standard queue of SQS behind it for each consumer. */
export const snsContract: Contract = {
  ...sqsContract,
  service: 'Amazon SNS, with SQS behind it',
  delivery: { value: 'at-least-once', source: RETRIES },
  ordering: { value: 'none', source: `${GUIDE}/sns-fifo-topics.html: that is for FIFO topics` },
  redeliveryWindowMs: { value: null, source: `${RETRIES}: 100,015 tries in 23 days into a queue; then as the queues are set, which is read and checked at start` },
  redelivery: {
    value: [{ place: "SNS's retries into the queue", maxMs: 23 * DAY_MS }, ...sqsContract.redelivery.value],
    source: `${RETRIES}; ${sqsContract.redelivery.source}`,
  },
  dedupWindowMs: { value: 0, source: `${API}/API_PublishBatch.html` },
  dedupKey: { value: 'none', source: `${API}/API_PublishBatch.html` },
  messageId: { value: "Each publish has another, and SQS's own is another again, so neither is a key.", source: `${API}/API_PublishBatch.html` },
  maxMessageBytes: { value: 262_144, source: `${API}/API_PublishBatch.html: unless the topic's MaximumMessageSize is raised` },
  maxBatch: { value: 10, source: `${API}/API_PublishBatch.html: and 256 KiB in all` },
  batchPublish: { value: 'each', source: `${API}/API_PublishBatch.html: it answers 200 although entries failed` },
  publishReply: { value: 'The message is saved, and is delivered into each queue that is subscribed.', source: `${API}/API_PublishBatch.html` },
};
