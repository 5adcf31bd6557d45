import type { Contract } from '../core/contract.ts';

const SPEC = 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md';
/** 75 h 35 min 5 s: the end of the schedule that the specification gives as its example. */
const SCHEDULE_MS = 272_105_000;

/** What a sender promises that follows the specification of Standard Webhooks and its examples. */
export const standardWebhooksContract: Contract = {
  service: 'Standard Webhooks (sender)',
  delivery: { value: 'at-least-once', source: `${SPEC}: retries over several days are recommended` },
  ordering: { value: 'none', source: `${SPEC}: nothing is said of order` },
  settlement: { value: 'one-by-one', source: `${SPEC}#delivery-success-and-failure` },
  takenBack: { value: 'lease', source: `${SPEC}#request-timeouts` },
  duplicates: { value: ['unsettled', 'redrive', 'spontaneous'], source: `${SPEC}: an event may be sent more than once, by error or by malice` },
  redeliveryWindowMs: { value: SCHEDULE_MS, source: `${SPEC}: the example schedule; what is sent again by hand comes on top` },
  redelivery: { value: [{ place: "the sender's retries", maxMs: SCHEDULE_MS }], source: `${SPEC}: the example schedule` },
  deadline: { value: { defaultMs: 15_000, maxMs: 30_000, prolonged: false, totalMs: 30_000 }, source: `${SPEC}#request-timeouts` },
  delayedRetry: { value: true, source: `${SPEC}: the header retry-after` },
  countsAttempts: { value: false, source: SPEC },
  attempts: { value: { most: 10, then: 'dropped' }, source: `${SPEC}: the example schedule` },
  retention: { value: { defaultMs: SCHEDULE_MS, maxMs: null }, source: `${SPEC}: the example schedule` },
  dedupWindowMs: { value: 0, source: SPEC },
  dedupKey: { value: 'none', source: SPEC },
  messageId: { value: 'webhook-id names the event, and is the same at each retry.', source: SPEC },
  fencedAcknowledgement: { value: false, source: SPEC },
  maxMessageBytes: { value: null, source: `${SPEC}: no limit; less than 20 kB is recommended` },
  maxBatch: { value: 1, source: SPEC },
  maxInFlight: { value: null, source: SPEC },
  batchPublish: { value: 'none', source: SPEC },
  batchSettlement: { value: 'none', source: SPEC },
  acknowledgement: { value: 'The endpoint answered 2xx, and the webhook counts as delivered.', source: `${SPEC}#delivery-success-and-failure` },
  publishReply: { value: 'There is none: events are made by the sender.', source: SPEC },
};
