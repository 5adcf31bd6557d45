import type { Contract, Fact } from '../../core/contract.ts';

/** What {@link logBroker} promises. */
export const LOG_CONTRACT: Contract = contractOf('testing/models/log-broker.ts', {
  service: 'log model',
  delivery: 'at-least-once',
  ordering: 'partition',
  settlement: 'position',
  takenBack: 'connection',
  redeliveryWindowMs: null,
  delayedRetry: true,
  countsAttempts: false,
  dedupWindowMs: 0,
  fencedAcknowledgement: false,
  maxMessageBytes: null,
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
  redeliveryWindowMs: null,
  delayedRetry: true,
  countsAttempts: true,
  dedupWindowMs: 0,
  fencedAcknowledgement: true,
  maxMessageBytes: null,
  acknowledgement: 'The message is removed from the queue of its consumer, if this delivery is still its newest.',
  publishReply: 'The message is in the queue of every consumer.',
});

type Values = { readonly [Name in keyof Contract]: Contract[Name] extends Fact<infer Value> ? Value : Contract[Name] };

/** A contract whose facts are all made so by one file. */
function contractOf(source: string, { service, ...values }: Values): Contract {
  const facts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Object.freeze({ value, source })]));
  return Object.freeze({ service, ...facts }) as Contract;
}
