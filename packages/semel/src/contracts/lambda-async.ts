import type { Contract } from '../core/contract.ts';

const GUIDE = 'https://docs.aws.amazon.com/lambda/latest/dg';
const ERRORS = `${GUIDE}/invocation-async-error-handling.html`;
const INVOKE = 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What AWS Lambda promises a function that is invoked asynchronously, as by SNS, EventBridge or S3. */
export const lambdaAsyncContract: Contract = {
  service: 'AWS Lambda, asynchronous invocation',
  delivery: { value: 'at-least-once', source: `${ERRORS}: as long as the function keeps up; an event can expire, or be deleted, without being sent` },
  ordering: { value: 'none', source: ERRORS },
  settlement: { value: 'one-by-one', source: ERRORS },
  takenBack: { value: 'lease', source: `${ERRORS}: a function that runs out of time has failed` },
  duplicates: {
    value: ['unsettled', 'publish-retry', 'redrive', 'spontaneous'],
    source: `${ERRORS}: the same event comes again without an error too, for the queue is eventually consistent`,
  },
  redeliveryWindowMs: { value: 6 * HOUR_MS + 14 * DAY_MS, source: `${ERRORS}, ${GUIDE}/invocation-async-retain-records.html` },
  redelivery: {
    value: [
      { place: "the function's queue", maxMs: 6 * HOUR_MS },
      { place: 'its dead-letter queue', maxMs: 14 * DAY_MS },
    ],
    source: `${ERRORS}, ${GUIDE}/invocation-async-retain-records.html: a queue of SQS`,
  },
  deadline: { value: { defaultMs: 3_000, maxMs: 900_000, prolonged: false, totalMs: 900_000 }, source: `${GUIDE}/configuration-timeout.html` },
  delayedRetry: { value: false, source: `${ERRORS}: one minute after the first failure, two after the second` },
  countsAttempts: { value: false, source: ERRORS },
  attempts: { value: { most: 3, then: 'dropped' }, source: `${ERRORS}; into a dead-letter queue or a destination where the function has one` },
  retention: { value: { defaultMs: 6 * HOUR_MS, maxMs: 6 * HOUR_MS }, source: ERRORS },
  dedupWindowMs: { value: 0, source: INVOKE },
  dedupKey: { value: 'none', source: INVOKE },
  messageId: { value: 'The request id names the invocation: one that is repeated by its caller has another.', source: INVOKE },
  fencedAcknowledgement: { value: false, source: ERRORS },
  maxMessageBytes: { value: 1_048_576, source: INVOKE },
  maxBatch: { value: 1, source: INVOKE },
  maxInFlight: { value: null, source: `${GUIDE}/gettingstarted-limits.html: as many as may run at once, 1,000 unless it is raised` },
  batchPublish: { value: 'none', source: INVOKE },
  batchSettlement: { value: 'none', source: INVOKE },
  acknowledgement: { value: 'The function returned without an error, and the event leaves the queue.', source: ERRORS },
  publishReply: { value: "Status 202: the event is in the function's queue.", source: INVOKE },
};
