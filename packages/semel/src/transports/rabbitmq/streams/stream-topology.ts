import type { RabbitmqChannel } from '../rabbitmq-client.ts';
import { type Exchanges, refused } from '../rabbitmq-topology.ts';

/** What the exchanges and streams are called, and whose they are. */
export interface StreamTopologyOptions {
  readonly exchange: (topic: string) => string;
  readonly stream: (topic: string) => string;
  readonly declare: boolean;
  /** Of a stream when it is made: its retention. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** The exchange and the stream behind a topic: made, or, where others make them, looked for. */
export class StreamTopology implements Exchanges {
  readonly #options: StreamTopologyOptions;

  constructor(options: StreamTopologyOptions) {
    this.#options = options;
  }

  exchangeOf(topic: string): string {
    return this.#options.exchange(topic);
  }

  streamOf(topic: string): string {
    return this.#options.stream(topic);
  }

  /** A topic has one stream, whoever reads it: publishers make it too, and need not wait for the first reader. */
  async ensureExchange(channel: RabbitmqChannel, topic: string): Promise<void> {
    const [exchange, stream] = [this.exchangeOf(topic), this.streamOf(topic)];
    try {
      if (this.#options.declare) {
        await channel.assertExchange(exchange, 'topic', { durable: true });
        await channel.assertQueue(stream, { durable: true, arguments: { ...this.#options.arguments, 'x-queue-type': 'stream' } });
        await channel.bindQueue(stream, exchange, '#');
      } else {
        await channel.checkExchange(exchange);
        await channel.checkQueue(stream);
      }
    } catch (cause) {
      throw refused(`stream ${stream}, or exchange ${exchange},`, cause);
    }
  }
}
