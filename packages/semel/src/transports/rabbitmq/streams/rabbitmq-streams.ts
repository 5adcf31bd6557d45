import { rabbitmqStreamsContract } from '../../../contracts/rabbitmq-streams.ts';
import { badOption, checkOptions, functionOf, nameOf, oneOf, positiveInteger } from '../../../core/options.ts';
import type { Transport } from '../../../core/transport.ts';
import { WIRE_OPTIONS, Wire, type WireOptions } from '../../../core/wire.ts';
import { MAX_PREFETCH } from '../rabbitmq.ts';
import { linkTo, type RabbitmqConnection } from '../rabbitmq-client.ts';
import { rabbitmqPublisher } from '../rabbitmq-publisher.ts';
import { HEADER_PREFIX } from '../rabbitmq-record.ts';
import { StreamSubscriber } from './stream-subscriber.ts';
import { StreamTopology } from './stream-topology.ts';

/** What `rabbitmqStreams` takes besides the way to connect. */
export interface RabbitmqStreamsOptions extends WireOptions {
  /** The route's name in the outbox; keep it. @default 'rabbitmq-streams' */
  readonly name?: string;
  /** The exchange of a topic. @default the topic's name */
  readonly exchange?: (topic: string) => string;
  /** The stream of a topic; keep it: positions are kept by its name. @default the topic's name */
  readonly stream?: (topic: string) => string;
  /** The exclusive queue of a consumer, which says whose turn it is to read. @default `<service>.<consumer>.turn` */
  readonly turn?: (service: string, consumer: string) => string;
  /** `false`: exchanges, streams and bindings are made by others; Semel only looks whether they are there. @default true */
  readonly declare?: boolean;
  /** Of a stream when it is declared: `{ 'x-max-age': '7D', 'x-max-length-bytes': 20_000_000_000 }`. The same wherever it is declared. @default none: it grows for ever */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** Records that the broker sends ahead. @default 500 */
  readonly prefetch?: number;
  /**
   * What becomes of a stream that does not have what follows the consumer's position: its records were removed unread, or it was made anew.
   * `stop`: it is not read on. `continue`: it is, from what there is. Both are reported as `position-gone`. @default 'stop'
   */
  readonly onGap?: 'stop' | 'continue';
  /** The broker's `max_message_size`: what is larger is refused before it is sent. @default 16_777_216 */
  readonly maxMessageBytes?: number;
}

const WHERE = 'rabbitmqStreams';
const KNOWN: readonly (keyof RabbitmqStreamsOptions)[] = ['name', 'exchange', 'stream', 'turn', 'declare', 'arguments', 'prefetch', 'onGap', 'maxMessageBytes', ...WIRE_OPTIONS];

/**
 * Streams of a RabbitMQ as logs: a stream for each topic, read by one process of a consumer at a time. The position stands in the store of the effects, and
 * is advanced in their transaction. Each consumer has a connection, which is opened again, with back-off, when it breaks.
 *
 * @param connect opens a connection of amqplib's, without its recovery; its `heartbeat` is how long a process that stands still keeps its turn
 * @throws SemelError `bad-option`
 * @example
 * createSemel({ name: 'shop', store: postgres({ pool }), routes: { orders: rabbitmqStreams(() => connect('amqp://broker?heartbeat=10')) } });
 */
export function rabbitmqStreams(connect: () => Promise<RabbitmqConnection>, options: RabbitmqStreamsOptions = {}): Transport {
  checkOptions(WHERE, options, KNOWN);
  functionOf(WHERE, 'connect', connect);
  const { name = 'rabbitmq-streams', exchange = (topic) => topic, stream = (topic) => topic, turn = (service, consumer) => `${service}.${consumer}.turn` } = options;
  const { declare = true, prefetch = 500, onGap = 'stop', maxMessageBytes = 16 << 20 } = options;
  if (typeof declare !== 'boolean') throw badOption(WHERE, 'declare', declare, 'true or false');
  if (positiveInteger(WHERE, 'prefetch', prefetch) > MAX_PREFETCH) throw badOption(WHERE, 'prefetch', prefetch, `at most ${MAX_PREFETCH}`);
  positiveInteger(WHERE, 'maxMessageBytes', maxMessageBytes);
  if (options.arguments !== undefined && (typeof options.arguments !== 'object' || options.arguments === null)) throw badOption(WHERE, 'arguments', options.arguments, 'an object');
  const reading = { prefetch, onGap: oneOf(WHERE, 'onGap', onGap, ['stop', 'continue']), turn: functionOf(WHERE, 'turn', turn) };
  const names = { exchange: functionOf(WHERE, 'exchange', exchange), stream: functionOf(WHERE, 'stream', stream) };
  const topology = new StreamTopology({ ...names, declare, arguments: { ...options.arguments } });
  const wire = new Wire(WHERE, HEADER_PREFIX, options);
  return Object.freeze({
    name: nameOf(WHERE, 'name', name),
    contract: rabbitmqStreamsContract(maxMessageBytes),
    publisher: rabbitmqPublisher(linkTo(connect), topology, wire, maxMessageBytes),
    subscriber: new StreamSubscriber(() => linkTo(connect), topology, wire, reading),
  });
}
