import type { Contract } from '../../core/contract.ts';

const SOURCE = 'Semel, docs/transports/peer.md';

/** What another Semel store promises as a broker. */
export const peerContract: Contract = {
  service: "another service's Semel store",
  delivery: { value: 'at-least-once', source: SOURCE },
  ordering: { value: 'key', source: SOURCE },
  settlement: { value: 'one-by-one', source: SOURCE },
  takenBack: { value: 'lease', source: SOURCE },
  redeliveryWindowMs: { value: null, source: `${SOURCE}: a row stays until it is acknowledged, however long its consumer is away` },
  delayedRetry: { value: true, source: SOURCE },
  countsAttempts: { value: true, source: SOURCE },
  dedupWindowMs: { value: null, source: `${SOURCE}: as long as that store's retention.messagesMs` },
  fencedAcknowledgement: { value: true, source: SOURCE },
  maxMessageBytes: { value: null, source: SOURCE },
  acknowledgement: { value: "The row is deleted in that store's own transaction, under its fence.", source: SOURCE },
  publishReply: { value: 'The message is committed in that store.', source: SOURCE },
};
