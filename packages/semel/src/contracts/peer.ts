import type { Contract } from '../core/contract.ts';

const SOURCE = 'Semel, docs/transports/peer.md';

/** What another Semel store promises as a broker. */
export const peerContract: Contract = {
  service: "another service's Semel store",
  delivery: { value: 'at-least-once', source: SOURCE },
  ordering: { value: 'key', source: SOURCE },
  settlement: { value: 'one-by-one', source: SOURCE },
  takenBack: { value: 'lease', source: SOURCE },
  duplicates: { value: ['unsettled'], source: `${SOURCE}: effect and acknowledgement are two transactions` },
  redeliveryWindowMs: { value: null, source: `${SOURCE}: a row stays until it is acknowledged, however long its consumer is away` },
  redelivery: { value: [{ place: "that store's queue", maxMs: null }], source: `${SOURCE}: a row stays until it is acknowledged` },
  deadline: { value: { defaultMs: 30_000, maxMs: null, prolonged: true, totalMs: null }, source: 'Semel, docs/consumers.md: leaseMs' },
  delayedRetry: { value: true, source: SOURCE },
  countsAttempts: { value: true, source: SOURCE },
  attempts: { value: { most: null, then: 'kept' }, source: `${SOURCE}: dead letters are in the consumer's own store` },
  retention: { value: { defaultMs: null, maxMs: null }, source: SOURCE },
  dedupWindowMs: { value: null, source: `${SOURCE}: as long as that store's retention.messagesMs` },
  dedupKey: { value: 'source and id', source: SOURCE },
  messageId: { value: 'It is the identity that the publisher gave.', source: SOURCE },
  fencedAcknowledgement: { value: true, source: SOURCE },
  maxMessageBytes: { value: null, source: SOURCE },
  maxBatch: { value: null, source: SOURCE },
  maxInFlight: { value: null, source: SOURCE },
  batchPublish: { value: 'each', source: `${SOURCE}: one that is refused does not stop the others` },
  batchSettlement: { value: 'each', source: SOURCE },
  acknowledgement: { value: "The row is deleted in that store's own transaction, under its fence.", source: SOURCE },
  publishReply: { value: 'The message is committed in that store.', source: SOURCE },
};
