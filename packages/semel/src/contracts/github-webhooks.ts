import type { Contract } from '../core/contract.ts';

const DOCS = 'https://docs.github.com/en/webhooks';
const FAILED = `${DOCS}/using-webhooks/handling-failed-webhook-deliveries`;
const AGAIN = `${DOCS}/testing-and-troubleshooting-webhooks/redelivering-webhooks`;
const BEST = `${DOCS}/using-webhooks/best-practices-for-using-webhooks`;
const DAY_MS = 86_400_000;
const ANSWER_MS = 10_000;

/** What GitHub promises an endpoint that receives its webhooks. */
export const githubWebhooksContract: Contract = {
  service: 'GitHub (webhooks)',
  delivery: { value: 'at-most-once', source: `${FAILED}: what failed is not sent again by itself` },
  ordering: { value: 'none', source: `${DOCS}/testing-and-troubleshooting-webhooks/troubleshooting-webhooks` },
  settlement: { value: 'one-by-one', source: FAILED },
  takenBack: { value: 'lease', source: `${FAILED}: no answer within 10 s is a failure` },
  duplicates: { value: ['redrive'], source: `${AGAIN}: also what was delivered` },
  redeliveryWindowMs: { value: 3 * DAY_MS, source: AGAIN },
  redelivery: { value: [{ place: 'the list of deliveries, by hand or by the API', maxMs: 3 * DAY_MS }], source: AGAIN },
  deadline: { value: { defaultMs: ANSWER_MS, maxMs: ANSWER_MS, prolonged: false, totalMs: ANSWER_MS }, source: FAILED },
  delayedRetry: { value: false, source: FAILED },
  countsAttempts: { value: false, source: FAILED },
  attempts: { value: { most: 1, then: 'kept' }, source: `${FAILED}; it can be asked for again: ${AGAIN}` },
  retention: { value: { defaultMs: 3 * DAY_MS, maxMs: 3 * DAY_MS }, source: AGAIN },
  dedupWindowMs: { value: 0, source: BEST },
  dedupKey: { value: 'none', source: BEST },
  messageId: { value: 'X-GitHub-Delivery names the delivery, and a redelivery has the same.', source: BEST },
  fencedAcknowledgement: { value: false, source: FAILED },
  maxMessageBytes: { value: 25_000_000, source: `${DOCS}/webhook-events-and-payloads: larger ones are not sent at all` },
  maxBatch: { value: 1, source: FAILED },
  maxInFlight: { value: null, source: `${FAILED}: no figure is stated` },
  batchPublish: { value: 'none', source: FAILED },
  batchSettlement: { value: 'none', source: FAILED },
  acknowledgement: { value: 'The endpoint answered 2xx in time, and the delivery counts as made.', source: BEST },
  publishReply: { value: 'There is none: events are made by GitHub.', source: BEST },
};
