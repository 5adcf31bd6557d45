import type { Contract } from '../../core/contract.ts';

const SOURCE = 'Semel, ARCHITECTURE.md, "Local topics"';

/** What a topic that lives in the store promises. */
export const localContract: Contract = {
  service: 'local topic',
  delivery: { value: 'at-least-once', source: SOURCE },
  ordering: { value: 'key', source: SOURCE },
  settlement: { value: 'in-transaction', source: SOURCE },
  takenBack: { value: 'lease', source: SOURCE },
  redeliveryWindowMs: { value: 0, source: SOURCE },
  delayedRetry: { value: true, source: SOURCE },
  countsAttempts: { value: true, source: SOURCE },
  dedupWindowMs: { value: null, source: `${SOURCE}: as long as retention.messagesMs` },
  fencedAcknowledgement: { value: true, source: SOURCE },
  maxMessageBytes: { value: null, source: SOURCE },
  acknowledgement: { value: 'The queue row is deleted in the transaction of the effect, under its fence.', source: SOURCE },
  publishReply: { value: 'The message is in the transaction; it is durable, and on its way to every subscription, once that commits.', source: SOURCE },
};
