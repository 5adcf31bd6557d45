import { rabbitmqContract } from '../../contracts/rabbitmq.ts';
import { badOption, checkOptions, functionOf, nameOf, oneOf, positiveInteger } from '../../core/options.ts';
import type { Transport } from '../../core/transport.ts';
import { WIRE_OPTIONS, Wire, type WireOptions } from '../../core/wire.ts';
import { linkTo, type RabbitmqConnection } from './rabbitmq-client.ts';
import { rabbitmqPublisher } from './rabbitmq-publisher.ts';
import { HEADER_PREFIX } from './rabbitmq-record.ts';
import { RabbitmqSubscriber } from './rabbitmq-subscriber.ts';
import { RabbitmqTopology } from './rabbitmq-topology.ts';

/** What `rabbitmq` takes besides the way to connect. */
export interface RabbitmqOptions extends WireOptions {
  /** The route's name in the outbox; keep it. @default 'rabbitmq' */
  readonly name?: string;
  /** The exchange of a topic. @default the topic's name */
  readonly exchange?: (topic: string) => string;
  /** The queue of a consumer. @default `<service>.<consumer>` */
  readonly queue?: (service: string, consumer: string) => string;
  /** `false`: exchanges, queues and bindings are made by others; Semel only looks whether they are there. @default true */
  readonly declare?: boolean;
  /** One consumer of a queue is active at a time, in all processes together, and has one batch in hand: the messages of a key stay in order. @default false */
  readonly singleActive?: boolean;
  /** Messages that the broker sends ahead to a consumer, unacknowledged. The same in all processes where `singleActive` is to keep the order. @default 250 */
  readonly prefetch?: number;
  /** `'broker'`: a message that died when it was first delivered is also rejected, and its queue dead-letters it into `<queue>.dead`. @default 'semel' */
  readonly deadLetters?: 'semel' | 'broker';
  /** The broker's `consumer_timeout`; a handler's `timeoutMs` may not be longer. @default 1_800_000 */
  readonly consumerTimeoutMs?: number;
  /** The broker's `max_message_size`: what is larger is refused before it is sent. @default 16_777_216 */
  readonly maxMessageBytes?: number;
}

const KNOWN: readonly (keyof RabbitmqOptions)[] = [
  'name',
  'exchange',
  'queue',
  'declare',
  'singleActive',
  'prefetch',
  'deadLetters',
  'consumerTimeoutMs',
  'maxMessageBytes',
  ...WIRE_OPTIONS,
];
/** Of AMQP: the count is 16 bits wide, and 0 stands for no bound. */
export const MAX_PREFETCH = 65_535;

/**
 * RabbitMQ as a broker: an exchange for each topic, a quorum queue for each consumer, publisher confirms, acknowledgements after the commit.
 * Connections are opened at their first use, one to publish and one to consume, and again, with back-off, when they break.
 *
 * @param connect opens a connection of amqplib's, without its recovery
 * @throws SemelError `bad-option`
 * @example
 * createSemel({ name: 'shop', store: postgres({ pool }), routes: { orders: rabbitmq(() => connect('amqp://broker')) } });
 */
export function rabbitmq(connect: () => Promise<RabbitmqConnection>, options: RabbitmqOptions = {}): Transport {
  checkOptions('rabbitmq', options, KNOWN);
  functionOf('rabbitmq', 'connect', connect);
  const { name = 'rabbitmq', exchange = (topic) => topic, queue = (service, consumer) => `${service}.${consumer}`, declare = true, singleActive = false } = options;
  const { prefetch = 250, deadLetters = 'semel', consumerTimeoutMs = 1_800_000, maxMessageBytes = 16 << 20 } = options;
  for (const [option, value] of Object.entries({ declare, singleActive })) if (typeof value !== 'boolean') throw badOption('rabbitmq', option, value, 'true or false');
  if (positiveInteger('rabbitmq', 'prefetch', prefetch) > MAX_PREFETCH) throw badOption('rabbitmq', 'prefetch', prefetch, `at most ${MAX_PREFETCH}`);
  oneOf('rabbitmq', 'deadLetters', deadLetters, ['semel', 'broker']);
  positiveInteger('rabbitmq', 'consumerTimeoutMs', consumerTimeoutMs);
  positiveInteger('rabbitmq', 'maxMessageBytes', maxMessageBytes);
  const wire = new Wire('rabbitmq', HEADER_PREFIX, options);
  const names = { exchange: functionOf('rabbitmq', 'exchange', exchange), queue: functionOf('rabbitmq', 'queue', queue) };
  const topology = new RabbitmqTopology({ ...names, declare, singleActive, deadLetters });
  return Object.freeze({
    name: nameOf('rabbitmq', 'name', name),
    contract: rabbitmqContract({ singleActive, maxMessageBytes, consumerTimeoutMs }),
    publisher: rabbitmqPublisher(linkTo(connect), topology, wire, maxMessageBytes),
    subscriber: new RabbitmqSubscriber(linkTo(connect), topology, wire, { prefetch, singleActive, rejectsDead: deadLetters === 'broker' }),
  });
}
