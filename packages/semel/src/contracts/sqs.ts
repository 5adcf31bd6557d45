import type { Contract } from '../core/contract.ts';

const GUIDE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide';
const API = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference';
const VISIBILITY = `${GUIDE}/sqs-visibility-timeout.html`;
const QUOTAS = `${GUIDE}/quotas-messages.html`;
const DEAD_LETTERS = `${GUIDE}/sqs-dead-letter-queues.html`;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a standard queue of Amazon SQS promises. */
export const sqsContract: Contract = {
  service: 'Amazon SQS',
  delivery: { value: 'at-least-once', source: `${GUIDE}/standard-queues-at-least-once-delivery.html` },
  ordering: { value: 'none', source: `${GUIDE}/standard-queues.html: order is kept as well as it can be` },
  settlement: { value: 'one-by-one', source: `${API}/API_DeleteMessage.html` },
  takenBack: { value: 'lease', source: VISIBILITY },
  duplicates: {
    value: ['unsettled', 'settled', 'publish-retry', 'redrive', 'spontaneous'],
    source: `${GUIDE}/standard-queues-at-least-once-delivery.html; ${API}/API_DeleteMessage.html: it can be received even after it was deleted`,
  },
  redeliveryWindowMs: { value: null, source: `${GUIDE}/setting-up-dead-letter-queue-retention.html: as its queues are set, which is read and checked at start` },
  redelivery: {
    value: [
      { place: 'the queue and its dead-letter queue, by its first age', maxMs: 14 * DAY_MS },
      { place: 'the queue, redriven as a new message', maxMs: 14 * DAY_MS },
    ],
    source: `${GUIDE}/setting-up-dead-letter-queue-retention.html; ${GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
  },
  deadline: { value: { defaultMs: 30_000, maxMs: 12 * HOUR_MS, prolonged: true, totalMs: 12 * HOUR_MS }, source: VISIBILITY },
  delayedRetry: { value: true, source: `${API}/API_ChangeMessageVisibility.html` },
  countsAttempts: { value: true, source: `${API}/API_ReceiveMessage.html: ApproximateReceiveCount, which counts a release too; so Semel releases only when it stops` },
  attempts: { value: { most: null, then: 'dead-letter' }, source: `${DEAD_LETTERS}: after maxReceiveCount receives, where there is a redrive policy` },
  retention: { value: { defaultMs: 4 * DAY_MS, maxMs: 14 * DAY_MS }, source: QUOTAS },
  dedupWindowMs: { value: 0, source: `${GUIDE}/standard-queues-at-least-once-delivery.html` },
  dedupKey: { value: 'none', source: `${GUIDE}/standard-queues-at-least-once-delivery.html` },
  messageId: {
    value: 'Stays over redeliveries; a repeated publish and a redrive give another, so it is no key.',
    source: `${GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
  },
  fencedAcknowledgement: { value: false, source: `${API}/API_DeleteMessage.html: an old receipt handle is accepted, and may delete or not` },
  maxMessageBytes: { value: 1_048_576, source: QUOTAS },
  maxBatch: { value: 10, source: `${API}/API_SendMessageBatch.html: and 1 MiB in all` },
  maxInFlight: { value: 120_000, source: `${GUIDE}/quotas-queues.html` },
  batchPublish: { value: 'each', source: `${API}/API_SendMessageBatch.html: it answers 200 although entries failed` },
  batchSettlement: { value: 'each', source: `${API}/API_DeleteMessageBatch.html: it answers 200 although entries failed` },
  acknowledgement: { value: 'The message is deleted from the queue, though on rare occasions it is received once more.', source: `${API}/API_DeleteMessage.html` },
  publishReply: { value: 'The message is stored redundantly.', source: `${API}/API_SendMessageBatch.html; ${GUIDE}/sqs-basic-architecture.html` },
};
