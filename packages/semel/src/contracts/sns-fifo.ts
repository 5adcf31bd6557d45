import type { Contract } from '../core/contract.ts';
import { snsContract } from './sns.ts';
import { sqsFifoContract } from './sqs-fifo.ts';

const GUIDE = 'https://docs.aws.amazon.com/sns/latest/dg';
const DEDUPLICATION = `${GUIDE}/fifo-message-dedup.html`;

/** What a FIFO topic of Amazon SNS promises, with a FIFO queue of SQS behind it for each consumer. */
export const snsFifoContract: Contract = {
  ...snsContract,
  service: 'Amazon SNS FIFO, with SQS FIFO behind it',
  ordering: { value: 'key', source: `${GUIDE}/fifo-topic-message-ordering.html: the key is the message group` },
  duplicates: { value: ['unsettled', 'publish-retry', 'redrive'], source: `${DEDUPLICATION}; ${sqsFifoContract.duplicates.source}` },
  redelivery: {
    value: [...snsContract.redelivery.value.slice(0, 1), ...sqsFifoContract.redelivery.value],
    source: `${GUIDE}/sns-message-delivery-retries.html; ${sqsFifoContract.redelivery.source}`,
  },
  dedupWindowMs: { value: sqsFifoContract.dedupWindowMs.value, source: DEDUPLICATION },
  dedupKey: { value: sqsFifoContract.dedupKey.value, source: DEDUPLICATION },
  fencedAcknowledgement: sqsFifoContract.fencedAcknowledgement,
  acknowledgement: sqsFifoContract.acknowledgement,
};
