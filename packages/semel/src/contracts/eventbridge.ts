import type { Contract } from '../core/contract.ts';

const GUIDE = 'https://docs.aws.amazon.com/eventbridge/latest/userguide';
const API = 'https://docs.aws.amazon.com/eventbridge/latest/APIReference';
const RETRIES = `${GUIDE}/eb-rule-retry-policy.html`;
const DAY_MS = 86_400_000;

/** What a bus of Amazon EventBridge promises its targets. */
export const eventbridgeContract: Contract = {
  service: 'Amazon EventBridge',
  delivery: { value: 'at-least-once', source: `${RETRIES}: for as long as it retries; then the event is dropped, unless the target has a dead-letter queue` },
  ordering: { value: 'none', source: `${RETRIES}: each delivery is retried for itself` },
  settlement: { value: 'one-by-one', source: RETRIES },
  takenBack: { value: 'lease', source: `${GUIDE}/eb-api-destinations.html: no answer in time is a failure` },
  duplicates: { value: ['unsettled', 'publish-retry', 'redrive', 'spontaneous'], source: `${GUIDE}/eb-troubleshooting.html: a rule may run more than once for one event` },
  redeliveryWindowMs: { value: 15 * DAY_MS, source: `${RETRIES}, ${GUIDE}/eb-rule-dlq.html; what an archive replays comes on top` },
  redelivery: {
    value: [
      { place: 'the bus', maxMs: DAY_MS },
      { place: "the target's dead-letter queue", maxMs: 14 * DAY_MS },
    ],
    source: `${RETRIES}, ${GUIDE}/eb-rule-dlq.html: a standard queue of SQS`,
  },
  deadline: {
    value: { defaultMs: 5_000, maxMs: 5_000, prolonged: false, totalMs: 5_000 },
    source: `${GUIDE}/eb-api-destinations.html: of an HTTP target; a queue or a function has the event at once`,
  },
  delayedRetry: { value: false, source: RETRIES },
  countsAttempts: { value: false, source: `${GUIDE}/eb-events-structure.html: no event carries a count` },
  attempts: { value: { most: 185, then: 'dropped' }, source: `${RETRIES}; into a dead-letter queue where the target has one` },
  retention: { value: { defaultMs: DAY_MS, maxMs: DAY_MS }, source: RETRIES },
  dedupWindowMs: { value: 0, source: `${GUIDE}/eb-putevents.html: two identical entries are two events` },
  dedupKey: { value: 'none', source: `${API}/API_PutEventsRequestEntry.html: an entry has no id of its sender's` },
  messageId: { value: 'Each entry of PutEvents gets an id: a delivery that is retried has the same, a publish that is repeated another.', source: `${GUIDE}/eb-putevents.html` },
  fencedAcknowledgement: { value: false, source: RETRIES },
  maxMessageBytes: { value: 262_144, source: `${API}/API_PutEvents.html` },
  maxBatch: { value: 10, source: `${API}/API_PutEvents.html` },
  maxInFlight: { value: null, source: `${GUIDE}/eb-quota.html: the rate is limited, not the number` },
  batchPublish: { value: 'each', source: `${GUIDE}/eb-putevents.html: a failed entry does not stop the others` },
  batchSettlement: { value: 'none', source: RETRIES },
  acknowledgement: { value: 'The target has taken the event: a queue stored it, a function queued it, or an API answered 2xx.', source: RETRIES },
  publishReply: { value: 'The bus has the event; whether a rule matches it is not said.', source: `${API}/API_PutEvents.html` },
};
