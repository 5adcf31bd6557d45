import { SemelError } from '../../core/errors.ts';
import type { SubscribeOptions } from '../../core/transport.ts';
import { channelOf, codeOf, type Link, type RabbitmqChannel, unavailable } from './rabbitmq-client.ts';

/** Where topics are published to. */
export interface Exchanges {
  exchangeOf(topic: string): string;
  /** Makes sure of a topic's exchange, and of what has to be behind it; throws `topology-differs` or `transport-unavailable`. */
  ensureExchange(channel: RabbitmqChannel, topic: string): Promise<void>;
}

/** What the exchanges and queues are called, and whose they are. */
export interface TopologyOptions {
  readonly exchange: (topic: string) => string;
  readonly queue: (service: string, consumer: string) => string;
  readonly declare: boolean;
  readonly singleActive: boolean;
  readonly deadLetters: 'semel' | 'broker';
}

/**
 * More returns than any message lives to see. The broker's own limit would take messages away before Semel's attempts are over, and without a
 * dead-letter exchange for ever: 20 is the default of 4.0. Not -1, its word for none: 3.10 takes that for a limit, and drops at the first return.
 */
const DELIVERY_LIMIT = 1_000_000;

/** The exchanges and queues behind topics and consumers: made, or, where others make them, looked for. */
export class RabbitmqTopology implements Exchanges {
  readonly #options: TopologyOptions;

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  exchangeOf(topic: string): string {
    return this.#options.exchange(topic);
  }

  async ensureExchange(channel: RabbitmqChannel, topic: string): Promise<void> {
    const exchange = this.exchangeOf(topic);
    const asked = this.#options.declare ? channel.assertExchange(exchange, 'topic', { durable: true }) : channel.checkExchange(exchange);
    await asked.catch((cause) => {
      throw refused(`exchange ${exchange}`, cause);
    });
  }

  /** Makes sure of a consumer's queue, and that its topic's messages come there; throws as `ensureExchange` does. */
  async ensureQueue(channel: RabbitmqChannel, topic: string, queue: string): Promise<void> {
    await this.ensureExchange(channel, topic);
    try {
      if (!this.#options.declare) return void (await channel.checkQueue(queue));
      if (this.#options.deadLetters === 'broker') await channel.assertQueue(deadQueueOf(queue), { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await channel.assertQueue(queue, { durable: true, arguments: this.#argumentsOf(queue) });
      await channel.bindQueue(queue, this.exchangeOf(topic), '#');
    } catch (cause) {
      throw refused(`queue ${queue}`, cause);
    }
  }

  /** A consumer's queue: that of a previous name, where there is one, for its backlog is in there. */
  async queueFor({ service, consumer, previousNames }: SubscribeOptions, link: Link): Promise<string> {
    for (const name of previousNames) {
      const queue = this.#options.queue(service, name);
      if (await exists(queue, link)) return queue;
    }
    return this.#options.queue(service, consumer);
  }

  #argumentsOf(queue: string): Readonly<Record<string, unknown>> {
    const { singleActive, deadLetters } = this.#options;
    return {
      'x-queue-type': 'quorum',
      'x-delivery-limit': DELIVERY_LIMIT,
      ...(singleActive ? { 'x-single-active-consumer': true } : {}),
      ...(deadLetters === 'broker' ? deadLettering(queue) : {}),
    };
  }
}

/** Where what died of a queue is kept by the broker. */
function deadQueueOf(queue: string): string {
  return `${queue}.dead`;
}

/** Kept in the queue until its dead letters' queue has it: the default strategy may lose it on the way. */
function deadLettering(queue: string): Readonly<Record<string, unknown>> {
  return { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': deadQueueOf(queue), 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };
}

/** Asked on a channel of its own: the answer that there is none ends it. */
async function exists(queue: string, link: Link): Promise<boolean> {
  const channel = await channelOf(await link.get());
  try {
    await channel.checkQueue(queue);
    await channel.close();
    return true;
  } catch (cause) {
    if (codeOf(cause) === NOT_FOUND) return false;
    throw unavailable(`does not tell whether there is a queue ${queue}`, cause);
  }
}

const NOT_FOUND = 404;
const DIFFERS = 406;

/** The broker says itself in which argument what is there differs. */
export function refused(what: string, cause: unknown): SemelError {
  if (codeOf(cause) !== DIFFERS) return unavailable(`does not give its ${what}`, cause);
  return new SemelError('topology-differs', `RabbitMQ has another ${what} than Semel needs: ${(cause as Error).message}`, { cause });
}
