import type { Contract } from '../core/contract.ts';
import { sqsContract } from './sqs.ts';

const GUIDE = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide';
const LOGIC = `${GUIDE}/FIFO-queues-understanding-logic.html`;
const DEDUPLICATION = `${GUIDE}/using-messagededuplicationid-property.html`;
const DEDUP_MS = 300_000;
const DAY_MS = 86_400_000;

/** What a FIFO queue of Amazon SQS promises. It calls its processing exactly once, and means: as long as the visibility timeout lasts. */
export const sqsFifoContract: Contract = {
  ...sqsContract,
  service: 'Amazon SQS FIFO',
  delivery: { value: 'at-least-once', source: `${GUIDE}/FIFO-queues-exactly-once-processing.html; ${LOGIC}: what is not deleted in time is received again` },
  ordering: { value: 'key', source: `${GUIDE}/using-messagegroupid-property.html: the key is the message group` },
  duplicates: { value: ['unsettled', 'publish-retry', 'redrive'], source: `${LOGIC}; ${DEDUPLICATION}: a publish that is repeated after five minutes is another message` },
  redelivery: {
    value: [
      { place: 'the queue', maxMs: 14 * DAY_MS },
      { place: 'its dead-letter queue, where its age begins anew', maxMs: 14 * DAY_MS },
      { place: 'the queue, redriven as a new message', maxMs: 14 * DAY_MS },
    ],
    source: `${GUIDE}/setting-up-dead-letter-queue-retention.html; ${GUIDE}/sqs-configure-dead-letter-queue-redrive.html`,
  },
  dedupWindowMs: { value: DEDUP_MS, source: DEDUPLICATION },
  dedupKey: { value: 'MessageDeduplicationId, which Semel makes of source and id', source: DEDUPLICATION },
  fencedAcknowledgement: { value: true, source: `${LOGIC}: a receipt handle is good as long as its visibility timeout lasts` },
  acknowledgement: { value: 'The message is deleted, and the next of its group can be received.', source: LOGIC },
};
