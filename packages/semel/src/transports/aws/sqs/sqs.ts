import { sqsContract } from '../../../contracts/sqs.ts';
import { sqsFifoContract } from '../../../contracts/sqs-fifo.ts';
import type { Message } from '../../../core/message.ts';
import { Opened } from '../../../core/opened.ts';
import { badOption, checkOptions, functionOf, nameOf, oneOf, positiveInteger } from '../../../core/options.ts';
import { WIRE_OPTIONS, Wire, type WireOptions } from '../../../core/wire.ts';
import { checkClient } from '../check-client.ts';
import { checkLargePayloads, type LargePayloads } from '../large-payloads.ts';
import type { QueueTarget } from '../queue-target.ts';
import type { SqsClient } from './sqs-client.ts';
import { sqsPublisher } from './sqs-publisher.ts';
import { SqsQueue } from './sqs-queue.ts';
import { SqsSubscriber } from './sqs-subscriber.ts';

/** Options of {@link sqs}. */
export interface SqsOptions extends WireOptions {
  /** `new SQS({ … })` of `@aws-sdk/client-sqs`. It stays yours: Semel does not destroy it. */
  readonly client: SqsClient;
  /**
   * The queue's name, URL or ARN; a name that ends in `.fifo` is a FIFO queue. `{service}` and `{consumer}` in it stand for those names, so that each consumer has a
   * queue of its own; such a transport does not publish: a topic of SNS, or another bus, delivers into its queues.
   */
  readonly queue: string;
  /** The route's name in the outbox; keep it. @default 'sqs' */
  readonly name?: string;
  /** `semel`: dead letters are in the consumer's store. `broker`: there too, and the queue's redrive policy moves the message to its dead-letter queue. @default 'semel' */
  readonly deadLetters?: 'semel' | 'broker';
  /** Standard queues: whose a message is. SQS lets no tenant's many messages delay another's few (fair queues). @default none */
  readonly tenant?: (message: Message) => string | undefined;
  /** Where messages go that are larger than `maxMessageBytes`. @default they are refused, and dead-lettered at their route */
  readonly largePayloads?: LargePayloads;
  /** Bytes of one message with its attributes, as the queue's MaximumMessageSize says. @default 1_048_576 */
  readonly maxMessageBytes?: number;
  /** How long one request waits for messages, 1 to 20 s. @default 20 */
  readonly waitSeconds?: number;
}

const OPTIONS: readonly (keyof SqsOptions)[] = ['client', 'queue', 'name', 'deadLetters', 'tenant', 'largePayloads', 'maxMessageBytes', 'waitSeconds', ...WIRE_OPTIONS];
const METHODS: readonly (keyof SqsClient)[] = ['getQueueUrl', 'getQueueAttributes', 'sendMessageBatch', 'receiveMessage', 'deleteMessageBatch', 'changeMessageVisibilityBatch'];
const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_WAIT_SECONDS = 20;

/**
 * A queue of Amazon SQS, standard or FIFO. Its settings are read when a consumer starts, and refused where they do not carry the guarantee.
 *
 * @example
 * createSemel({ name: 'shop', store, routes: { orders: sqs({ client: new SQS({}), queue: 'orders.fifo' }) } });
 * @throws SemelError `bad-option`
 */
export function sqs(options: SqsOptions): QueueTarget {
  const { client, queue, name = 'sqs', deadLetters = 'semel', tenant, largePayloads, maxMessageBytes = MAX_MESSAGE_BYTES, waitSeconds = MAX_WAIT_SECONDS } = checked(options);
  const fifo = queue.endsWith('.fifo');
  if (fifo && tenant !== undefined) throw badOption('sqs', 'tenant', tenant, 'left out with a FIFO queue, whose groups are the keys of the messages');
  const wire = new Wire('sqs', 'ce-', wireOptionsOf(options, fifo));
  const subscriber = new SqsSubscriber({
    client,
    wire,
    largePayloads,
    fifo,
    deadLetters: oneOf('sqs', 'deadLetters', deadLetters, ['semel', 'broker']),
    waitSeconds,
    nameOf: ({ service, consumer }) => queue.replaceAll('{service}', service).replaceAll('{consumer}', consumer),
  });
  const own = new Opened(
    () => SqsQueue.find(client, queue),
    async () => {},
  );
  const publisher = sqsPublisher(own, { fifo, wire, maxBytes: maxMessageBytes, largePayloads, tenant });
  const contract = fifo ? sqsFifoContract : sqsContract;
  const sides = /\{(?:service|consumer)\}/.test(queue) ? { subscriber } : { subscriber, publisher };
  return Object.freeze({ name: nameOf('sqs', 'name', name), contract, ...sides, queueOf: (consumer: Parameters<QueueTarget['queueOf']>[0]) => subscriber.target(consumer) });
}

function checked(options: SqsOptions): SqsOptions {
  checkOptions('sqs', options, OPTIONS);
  const { client, queue, tenant, largePayloads, maxMessageBytes, waitSeconds } = options;
  checkClient('sqs', 'SQS', client, METHODS);
  if (typeof queue !== 'string' || queue === '') throw badOption('sqs', 'queue', queue, "the queue's name, URL or ARN");
  if (tenant !== undefined) functionOf('sqs', 'tenant', tenant);
  if (largePayloads !== undefined) checkLargePayloads('sqs', largePayloads);
  if (maxMessageBytes !== undefined) positiveInteger('sqs', 'maxMessageBytes', maxMessageBytes);
  if (waitSeconds !== undefined && positiveInteger('sqs', 'waitSeconds', waitSeconds) > MAX_WAIT_SECONDS) throw badOption('sqs', 'waitSeconds', waitSeconds, 'from 1 to 20');
  return options;
}

/** Foreign messages of a FIFO queue are in the order of its groups, unless it is said otherwise. */
function wireOptionsOf({ format, foreign }: WireOptions, fifo: boolean): WireOptions {
  const read = foreign === undefined || !fifo ? foreign : { key: 'record-key' as const, ...foreign };
  return { ...(format === undefined ? {} : { format }), ...(read === undefined ? {} : { foreign: read }) };
}
