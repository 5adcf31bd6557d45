import type { Contract } from '../core/contract.ts';

const SOURCE = 'Semel, ARCHITECTURE.md, "Local topics"';
const CONSUMERS = 'Semel, docs/consumers.md';

/** What a topic that lives in the store promises. */
export const localContract: Contract = {
  service: 'a local topic',
  delivery: { value: 'at-least-once', source: SOURCE },
  ordering: { value: 'key', source: SOURCE },
  settlement: { value: 'in-transaction', source: SOURCE },
  takenBack: { value: 'lease', source: SOURCE },
  duplicates: { value: ['unsettled'], source: `${SOURCE}: whoever held it before wrote nothing, for its fence is stale` },
  redeliveryWindowMs: { value: 0, source: SOURCE },
  redelivery: { value: [], source: `${SOURCE}: once handled, its row is gone` },
  deadline: { value: { defaultMs: 30_000, maxMs: null, prolonged: true, totalMs: null }, source: `${CONSUMERS}: leaseMs` },
  delayedRetry: { value: true, source: SOURCE },
  countsAttempts: { value: true, source: SOURCE },
  attempts: { value: { most: 8, then: 'dead-letter' }, source: `${CONSUMERS}: retry.attempts` },
  retention: { value: { defaultMs: null, maxMs: null }, source: `${SOURCE}: what somebody waits for is kept` },
  dedupWindowMs: { value: null, source: `${SOURCE}: as long as retention.messagesMs` },
  dedupKey: { value: 'source and id', source: 'Semel, docs/publishing.md' },
  messageId: { value: 'It is the identity that the publisher gave.', source: 'Semel, docs/publishing.md' },
  fencedAcknowledgement: { value: true, source: SOURCE },
  maxMessageBytes: { value: null, source: SOURCE },
  maxBatch: { value: null, source: SOURCE },
  maxInFlight: { value: null, source: SOURCE },
  batchPublish: { value: 'whole', source: `${SOURCE}: a transaction is there or it is not` },
  batchSettlement: { value: 'each', source: SOURCE },
  acknowledgement: { value: 'The queue row is deleted in the transaction of the effect, under its fence.', source: SOURCE },
  publishReply: { value: 'The message is in the transaction; it is durable, and on its way to every subscription, once that commits.', source: SOURCE },
};
