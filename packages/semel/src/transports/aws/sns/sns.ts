import { snsContract } from '../../../contracts/sns.ts';
import { snsFifoContract } from '../../../contracts/sns-fifo.ts';
import { BatchPublisher } from '../../../core/batch-publisher.ts';
import type { Message } from '../../../core/message.ts';
import { badOption, checkOptions, functionOf, nameOf, oneOf, positiveInteger } from '../../../core/options.ts';
import type { Publisher, Transport } from '../../../core/transport.ts';
import { Wire, type WireOptions } from '../../../core/wire.ts';
import { AwsSink } from '../aws-sink.ts';
import { checkClient } from '../check-client.ts';
import { checkLargePayloads, type LargePayloads } from '../large-payloads.ts';
import type { QueueTarget } from '../queue-target.ts';
import type { SnsClient } from './sns-client.ts';
import { SnsSubscriber } from './sns-subscriber.ts';

/** Options of {@link sns}. How messages are read is the queues' to say. */
export interface SnsOptions extends Pick<WireOptions, 'format'> {
  /** `new SNS({ … })` of `@aws-sdk/client-sns`. It stays yours: Semel does not destroy it. */
  readonly client: SnsClient;
  /** The topic's ARN; one that ends in `.fifo` is a FIFO topic. */
  readonly topic: string;
  /** Where consumers read: `sqs({ client, queue: 'orders-{consumer}' })`, a queue for each. @default the topic can only be published to */
  readonly queues?: QueueTarget;
  /** `create`: subscribes the queues to the topic, with raw delivery, and lets the topic send to them. `check`: refuses a queue that is not subscribed. @default 'check' */
  readonly subscriptions?: 'check' | 'create';
  /** The route's name in the outbox; keep it. @default 'sns' */
  readonly name?: string;
  /** Standard topics: whose a message is, for the fair queues behind the topic. @default none */
  readonly tenant?: (message: Message) => string | undefined;
  /** Where messages go that are larger than `maxMessageBytes`; the queues need the same option. @default they are refused, and dead-lettered at their route */
  readonly largePayloads?: LargePayloads;
  /** Bytes of one message with its attributes, and of a batch of them, as the topic's MaximumMessageSize says. @default 262_144 */
  readonly maxMessageBytes?: number;
}

const OPTIONS: readonly (keyof SnsOptions)[] = ['client', 'topic', 'queues', 'subscriptions', 'name', 'tenant', 'largePayloads', 'maxMessageBytes', 'format'];
const METHODS: readonly (keyof SnsClient)[] = ['publishBatch', 'subscribe', 'listSubscriptionsByTopic'];
const MAX_MESSAGE_BYTES = 262_144;

/**
 * A topic of Amazon SNS, standard or FIFO, and behind it a queue of SQS for each consumer.
 *
 * @example
 * const queues = sqs({ client: new SQS({}), queue: 'orders-{consumer}' });
 * createSemel({ name: 'billing', store, routes: { orders: sns({ client: new SNS({}), topic: 'arn:aws:sns:eu-central-1:123456789012:orders', queues }) } });
 * @throws SemelError `bad-option`
 */
export function sns(options: SnsOptions): Transport {
  const { client, topic, queues, subscriptions = 'check', name = 'sns' } = checked(options);
  const fifo = topic.endsWith('.fifo');
  const sides = { publisher: publisherOf(options, fifo) };
  const route = { name: nameOf('sns', 'name', name), contract: fifo ? snsFifoContract : snsContract };
  oneOf('sns', 'subscriptions', subscriptions, ['check', 'create']);
  if (queues?.subscriber === undefined) return Object.freeze({ ...route, ...sides });
  if ((queues.contract.ordering.value === 'key') !== fifo) throw badOption('sns', 'queues', queues, 'FIFO queues where the topic is FIFO, and standard ones where it is not');
  return Object.freeze({ ...route, ...sides, subscriber: new SnsSubscriber(client, topic, { ...queues, subscriber: queues.subscriber }, subscriptions) });
}

function publisherOf({ client, topic, format, tenant, largePayloads, maxMessageBytes = MAX_MESSAGE_BYTES }: SnsOptions, fifo: boolean): Publisher {
  const sink = new AwsSink({
    service: 'SNS',
    maxBytes: maxMessageBytes,
    maxRequestBytes: maxMessageBytes,
    fifo,
    wire: new Wire('sns', 'ce-', format === undefined ? {} : { format }),
    largePayloads,
    tenant,
    open: async () => {},
    send: (entries, abortSignal) => {
      const PublishBatchRequestEntries = entries.map(({ body, attributes, grouping }, index) => ({ Id: String(index), Message: body, MessageAttributes: attributes, ...grouping }));
      return client.publishBatch({ TopicArn: topic, PublishBatchRequestEntries }, { abortSignal });
    },
  });
  return new BatchPublisher(sink);
}

function checked(options: SnsOptions): SnsOptions {
  checkOptions('sns', options, OPTIONS);
  const { client, topic, queues, tenant, largePayloads, maxMessageBytes } = options;
  checkClient('sns', 'SNS', client, METHODS);
  if (typeof topic !== 'string' || !topic.startsWith('arn:')) throw badOption('sns', 'topic', topic, "the topic's ARN");
  if (queues !== undefined && typeof queues?.queueOf !== 'function')
    throw badOption('sns', 'queues', queues, "a transport with queues: sqs({ client, queue: 'orders-{consumer}' })");
  if (tenant !== undefined) functionOf('sns', 'tenant', tenant);
  if (largePayloads !== undefined) checkLargePayloads('sns', largePayloads);
  if (maxMessageBytes !== undefined) positiveInteger('sns', 'maxMessageBytes', maxMessageBytes);
  return options;
}
