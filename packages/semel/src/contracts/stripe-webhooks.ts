import type { Contract } from '../core/contract.ts';

const DOCS = 'https://docs.stripe.com/webhooks';
const UNDELIVERED = 'https://docs.stripe.com/webhooks/process-undelivered-events';
const DAY_MS = 86_400_000;

/** What Stripe promises an endpoint that receives its events. */
export const stripeWebhooksContract: Contract = {
  service: 'Stripe (webhooks)',
  delivery: { value: 'at-least-once', source: `${DOCS}: for three days` },
  ordering: { value: 'none', source: `${DOCS}#event-ordering` },
  settlement: { value: 'one-by-one', source: DOCS },
  takenBack: { value: 'lease', source: `${DOCS}: no answer in time is a failure` },
  duplicates: { value: ['unsettled', 'settled', 'redrive', 'spontaneous'], source: `${DOCS}#handle-duplicate-events` },
  redeliveryWindowMs: { value: 30 * DAY_MS, source: UNDELIVERED },
  redelivery: { value: [{ place: 'its events, of which each can be sent again', maxMs: 30 * DAY_MS }], source: `${UNDELIVERED}; by itself it retries for three days: ${DOCS}` },
  deadline: { value: null, source: `${DOCS}: an answer is expected quickly; no figure is stated` },
  delayedRetry: { value: false, source: `${DOCS}: by its own back-off` },
  countsAttempts: { value: false, source: DOCS },
  attempts: { value: { most: null, then: 'kept' }, source: `${DOCS}: for three days; afterwards the event can still be fetched: ${UNDELIVERED}` },
  retention: { value: { defaultMs: 30 * DAY_MS, maxMs: 30 * DAY_MS }, source: UNDELIVERED },
  dedupWindowMs: { value: 0, source: `${DOCS}#handle-duplicate-events` },
  dedupKey: { value: 'none', source: `${DOCS}#handle-duplicate-events` },
  messageId: {
    value: "The event's id (`evt_…`) is the same at each delivery; now and then one change has two events, which agree in type and in the id of the object.",
    source: `${DOCS}#handle-duplicate-events`,
  },
  fencedAcknowledgement: { value: false, source: DOCS },
  maxMessageBytes: { value: null, source: `${DOCS}: no figure is stated` },
  maxBatch: { value: 1, source: DOCS },
  maxInFlight: { value: null, source: `${DOCS}: no figure is stated` },
  batchPublish: { value: 'none', source: DOCS },
  batchSettlement: { value: 'none', source: DOCS },
  acknowledgement: { value: 'The endpoint answered 2xx, and the event counts as delivered.', source: DOCS },
  publishReply: { value: 'There is none: events are made by Stripe.', source: DOCS },
};
