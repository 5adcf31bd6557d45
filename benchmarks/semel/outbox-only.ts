import type { Contract, Transport } from 'semel';

const SOURCE = 'made up for measuring';

const contract: Contract = {
  service: 'a broker that is never called',
  delivery: { value: 'at-least-once', source: SOURCE },
  ordering: { value: 'key', source: SOURCE },
  settlement: { value: 'one-by-one', source: SOURCE },
  takenBack: { value: 'connection', source: SOURCE },
  duplicates: { value: [], source: SOURCE },
  redeliveryWindowMs: { value: 0, source: SOURCE },
  redelivery: { value: [], source: SOURCE },
  deadline: { value: null, source: SOURCE },
  delayedRetry: { value: false, source: SOURCE },
  countsAttempts: { value: false, source: SOURCE },
  attempts: { value: { most: null, then: 'kept' }, source: SOURCE },
  retention: { value: { defaultMs: null, maxMs: null }, source: SOURCE },
  dedupWindowMs: { value: 0, source: SOURCE },
  dedupKey: { value: 'none', source: SOURCE },
  messageId: { value: 'None.', source: SOURCE },
  fencedAcknowledgement: { value: false, source: SOURCE },
  maxMessageBytes: { value: null, source: SOURCE },
  maxBatch: { value: null, source: SOURCE },
  maxInFlight: { value: null, source: SOURCE },
  batchPublish: { value: 'each', source: SOURCE },
  batchSettlement: { value: 'none', source: SOURCE },
  acknowledgement: { value: 'None.', source: SOURCE },
  publishReply: { value: 'None.', source: SOURCE },
};

/** A route whose relay is never started: what is published stays in the outbox. */
export const outboxOnly: Transport = {
  name: 'broker',
  contract,
  publisher: {
    keepsKeyOrder: true,
    publish: () => Promise.reject(new Error('the relay was not to be started')),
    close: async () => {},
  },
};
