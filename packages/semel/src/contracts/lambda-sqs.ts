import type { Contract } from '../core/contract.ts';
import { sqsContract } from './sqs.ts';

const GUIDE = 'https://docs.aws.amazon.com/lambda/latest/dg';
const REPORTING = `${GUIDE}/services-sqs-errorhandling.html`;

/** What an event source mapping of AWS Lambda promises over a queue of SQS. */
export const lambdaSqsContract: Contract = {
  ...sqsContract,
  service: 'AWS Lambda, from a queue of SQS',
  delivery: { value: 'at-least-once', source: `${GUIDE}/with-sqs.html` },
  ordering: { value: 'none', source: `${GUIDE}/with-sqs.html; by message group where the queue is FIFO and the function stops a group at its first failure: ${REPORTING}` },
  takenBack: { value: 'lease', source: `${REPORTING}: after the visibility timeout of the queue` },
  deadline: {
    value: { defaultMs: 3_000, maxMs: 900_000, prolonged: false, totalMs: 900_000 },
    source: `${GUIDE}/configuration-timeout.html; the queue's visibility timeout should be six times that: ${GUIDE}/services-sqs-configure.html`,
  },
  delayedRetry: { value: false, source: `${REPORTING}: what failed is visible again when its timeout ends` },
  fencedAcknowledgement: { value: false, source: `${GUIDE}/with-sqs.html: Lambda deletes for the function` },
  batchSettlement: {
    value: 'each',
    source: `${REPORTING}: where ReportBatchItemFailures is on. An empty list is success, an unknown or empty id fails the batch, and where it is off the reply is ignored`,
  },
  acknowledgement: { value: 'Lambda deletes what the function did not report as failed.', source: REPORTING },
};
