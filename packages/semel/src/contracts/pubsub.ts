import type { Contract } from '../core/contract.ts';

const DOCS = 'https://docs.cloud.google.com/pubsub/docs';
const PROPERTIES = `${DOCS}/subscription-properties`;
const MESSAGE = `${DOCS}/reference/rest/v1/PubsubMessage`;
const DAY_MS = 86_400_000;

/** What a subscription of Google Cloud Pub/Sub promises, as it is unless it is told otherwise. */
export const pubsubContract: Contract = {
  service: 'Google Cloud Pub/Sub',
  delivery: { value: 'at-least-once', source: `${DOCS}/subscription-overview` },
  ordering: { value: 'none', source: `${DOCS}/ordering: unless it is enabled` },
  settlement: { value: 'one-by-one', source: `${DOCS}/reference/rest/v1/projects.subscriptions/acknowledge` },
  takenBack: { value: 'lease', source: `${DOCS}/lease-management` },
  duplicates: {
    value: ['unsettled', 'settled', 'publish-retry', 'redrive', 'spontaneous'],
    source: `${DOCS}/subscription-overview, ${DOCS}/retry-requests, ${DOCS}/replay-overview`,
  },
  redeliveryWindowMs: { value: null, source: `${PROPERTIES}: as the subscription, its dead-letter topic and its replays are set` },
  redelivery: {
    value: [
      { place: 'the subscription', maxMs: 31 * DAY_MS },
      { place: "its dead-letter topic's subscription", maxMs: 31 * DAY_MS },
      { place: 'the subscription, where it was published again', maxMs: 31 * DAY_MS },
    ],
    source: `${PROPERTIES}, ${DOCS}/dead-letter-topics`,
  },
  deadline: { value: { defaultMs: 10_000, maxMs: 600_000, prolonged: true, totalMs: null }, source: `${PROPERTIES}, ${DOCS}/lease-management` },
  delayedRetry: { value: false, source: `${DOCS}/handling-failures: the back-off is a setting of the subscription` },
  countsAttempts: { value: false, source: `${DOCS}/dead-letter-topics: only with a dead-letter topic, and as well as it can` },
  attempts: { value: { most: null, then: 'dropped' }, source: `${PROPERTIES}: until its retention is over; with a dead-letter topic 5 to 100 tries: ${DOCS}/dead-letter-topics` },
  retention: { value: { defaultMs: 7 * DAY_MS, maxMs: 31 * DAY_MS }, source: PROPERTIES },
  dedupWindowMs: { value: 0, source: MESSAGE },
  dedupKey: { value: 'none', source: `${MESSAGE}: no field of a publish is compared with those before` },
  messageId: { value: 'The server gives it at the publish: redeliveries keep it, a publish that is repeated gets another.', source: `${MESSAGE}, ${DOCS}/exactly-once-delivery` },
  fencedAcknowledgement: { value: false, source: `${DOCS}/exactly-once-delivery: only there the newest acknowledgement id alone is good` },
  maxMessageBytes: { value: 10_000_000, source: 'https://docs.cloud.google.com/pubsub/quotas' },
  maxBatch: { value: 1_000, source: 'https://docs.cloud.google.com/pubsub/quotas' },
  maxInFlight: { value: null, source: `${DOCS}/flow-control: the client's own bound` },
  batchPublish: { value: 'whole', source: `${DOCS}/reference/rest/v1/projects.topics/publish` },
  batchSettlement: { value: 'whole', source: `${DOCS}/reference/rest/v1/projects.subscriptions/acknowledge: the reply is empty` },
  acknowledgement: {
    value: 'Most likely the message does not come again; that it was recorded is not said.',
    source: `${DOCS}/exactly-once-delivery: only there the result can be relied on`,
  },
  publishReply: { value: 'The message is stored, under the id of the reply.', source: `${DOCS}/reference/rest/v1/projects.topics/publish` },
};
