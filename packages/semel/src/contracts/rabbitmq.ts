import type { Contract } from '../core/contract.ts';

/** What of the contract is the user's choice. */
export interface RabbitmqChoice {
  readonly singleActive: boolean;
  readonly maxMessageBytes: number;
  /** The broker's `consumer_timeout`. @default 1_800_000 */
  readonly consumerTimeoutMs?: number;
}

const DOCS = 'https://www.rabbitmq.com/docs/4.0';
const SEEN = 'seen on 3.10.8 and 4.0.5: packages/semel/test/rabbitmq/broker-facts.services.test.ts';

/** What RabbitMQ promises of quorum queues as Semel declares them, over AMQP 0-9-1, with publisher confirms and manual acknowledgements. */
export function rabbitmqContract({ singleActive, maxMessageBytes, consumerTimeoutMs = 1_800_000 }: RabbitmqChoice): Contract {
  return {
    service: 'RabbitMQ',
    delivery: { value: 'at-least-once', source: `${DOCS}/reliability` },
    ordering: singleActive
      ? { value: 'key', source: `${DOCS}/consumers#single-active-consumer; what was in hand is returned as a whole, first: ${SEEN}` }
      : { value: 'none', source: `${DOCS}/consumers#single-active-consumer: without it messages go to all consumers in turn` },
    settlement: { value: 'one-by-one', source: `${DOCS}/confirms#acknowledgement-modes` },
    takenBack: { value: 'connection', source: `${DOCS}/confirms#automatic-requeueing; after consumer_timeout too: ${DOCS}/consumers#acknowledgement-timeout` },
    duplicates: {
      value: ['unsettled', 'publish-retry', 'redrive'],
      source: `${DOCS}/reliability: acknowledgements and confirms can be lost; a dead letter can be shovelled back`,
    },
    redeliveryWindowMs: { value: null, source: `${DOCS}/ttl: without a time to live a message stays until it is acknowledged` },
    redelivery: { value: [{ place: 'the queue', maxMs: null }], source: `${DOCS}/ttl` },
    deadline: {
      value: { defaultMs: consumerTimeoutMs, maxMs: null, prolonged: false, totalMs: consumerTimeoutMs },
      source: `${DOCS}/consumers#acknowledgement-timeout: consumer_timeout, looked at once a minute; it ends the channel`,
    },
    delayedRetry: { value: false, source: `${DOCS}/nack: what is returned is ready for redelivery at once` },
    countsAttempts: {
      value: false,
      source: `${DOCS}/quorum-queues#poison-message-handling: x-delivery-count counts returns, of all that its consumer had in hand, and whatever the reason; ${SEEN}`,
    },
    attempts: {
      value: { most: null, then: 'kept' },
      source: `${DOCS}/quorum-queues#poison-message-handling: Semel declares a limit of a million returns, for 4.0 drops after 20 unless it is told otherwise`,
    },
    retention: { value: { defaultMs: null, maxMs: null }, source: `${DOCS}/ttl` },
    dedupWindowMs: { value: 0, source: `${DOCS}/publishers#data-safety` },
    dedupKey: { value: 'none', source: `${DOCS}/publishers#data-safety` },
    messageId: {
      value: 'The broker gives none, and does not look at `message-id`, which is what the publisher makes it: Semel sets the id of the event.',
      source: `${DOCS}/publishers#message-properties`,
    },
    fencedAcknowledgement: { value: true, source: `${DOCS}/confirms#consumer-acks-delivery-tags: a tag is good on the channel that it came on` },
    maxMessageBytes: { value: maxMessageBytes, source: `${DOCS}/configure: max_message_size, 16 MiB unless the broker is told otherwise` },
    maxBatch: { value: null, source: `${DOCS}/confirms: messages are published one by one, and confirmed in any number` },
    maxInFlight: { value: null, source: `${DOCS}/confirms#channel-qos-prefetch: a bound for each consumer, which it chooses` },
    batchPublish: { value: 'each', source: `${DOCS}/confirms#publisher-confirms` },
    batchSettlement: { value: 'none', source: `${DOCS}/confirms: an acknowledgement has no answer` },
    acknowledgement: { value: 'The message is deleted; nobody answers, and one that is lost on its way is a redelivery.', source: `${DOCS}/confirms#acknowledgement-modes` },
    publishReply: {
      value: 'Confirmed, every queue that it was routed to has it, on a majority of its members; an unroutable one is returned first.',
      source: `${DOCS}/confirms#when-publishes-are-confirmed`,
    },
  };
}
