import type { Contract, Fact } from '../../core/contract.ts';

/** What {@link logBroker} promises. */
export const LOG_CONTRACT: Contract = contractOf('testing/models/log-broker.ts', {
  service: 'log model',
  delivery: 'at-least-once',
  ordering: 'partition',
  settlement: 'position',
  takenBack: 'connection',
  duplicates: ['unsettled', 'publish-retry', 'rebalance', 'redrive'],
  redeliveryWindowMs: null,
  redelivery: [{ place: 'the log', maxMs: null }],
  deadline: null,
  delayedRetry: true,
  countsAttempts: false,
  attempts: { most: null, then: 'blocks' },
  retention: { defaultMs: null, maxMs: null },
  dedupWindowMs: 0,
  dedupKey: 'none',
  messageId: 'There is none but the place in its partition.',
  fencedAcknowledgement: false,
  maxMessageBytes: null,
  maxBatch: null,
  maxInFlight: null,
  batchPublish: 'each',
  batchSettlement: 'first-failure',
  acknowledgement: 'There is none: the consumer keeps its position itself, and a member reads on from it.',
  publishReply: 'The message stands at the end of the partition of its key, and is kept for ever.',
});

/** What {@link ackBroker} promises. */
export const ACK_CONTRACT: Contract = contractOf('testing/models/ack-broker.ts', {
  service: 'acknowledging model',
  delivery: 'at-least-once',
  ordering: 'none',
  settlement: 'one-by-one',
  takenBack: 'lease',
  duplicates: ['unsettled', 'publish-retry'],
  redeliveryWindowMs: null,
  redelivery: [{ place: 'the queue', maxMs: null }],
  deadline: { defaultMs: 30_000, maxMs: null, prolonged: true, totalMs: null },
  delayedRetry: true,
  countsAttempts: true,
  attempts: { most: null, then: 'kept' },
  retention: { defaultMs: null, maxMs: null },
  dedupWindowMs: 0,
  dedupKey: 'none',
  messageId: 'There is none but the identity of the message.',
  fencedAcknowledgement: true,
  maxMessageBytes: null,
  maxBatch: null,
  maxInFlight: null,
  batchPublish: 'each',
  batchSettlement: 'each',
  acknowledgement: 'The message is removed from the queue of its consumer, if this delivery is still its newest.',
  publishReply: 'The message is in the queue of every consumer.',
});

type Values = { readonly [Name in keyof Contract]: Contract[Name] extends Fact<infer Value> ? Value : Contract[Name] };

/** A contract whose facts are all made so by one file. */
function contractOf(source: string, { service, ...values }: Values): Contract {
  const facts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Object.freeze({ value, source })]));
  return Object.freeze({ service, ...facts }) as Contract;
}
