import { randomBytes } from 'node:crypto';
import { type ChannelModel, connect } from 'amqplib';
import type { Transport } from '../../src/core/transport.ts';
import { type RabbitmqOptions, rabbitmq } from '../../src/transports/rabbitmq/rabbitmq.ts';
import { type RabbitmqStreamsOptions, rabbitmqStreams } from '../../src/transports/rabbitmq/streams/rabbitmq-streams.ts';

/** A corner of a broker for one test: names that are nobody else's, and a connection to look around with. */
export class Corner implements AsyncDisposable {
  readonly url: string;
  /** A topic, and the exchange behind it, and the stream where there is one. */
  readonly topic: string;
  admin: ChannelModel;
  readonly #consumers: readonly string[];

  private constructor(url: string, topic: string, admin: ChannelModel, consumers: readonly string[]) {
    this.url = url;
    this.topic = topic;
    this.admin = admin;
    this.#consumers = consumers;
  }

  /** @param consumers whose queues are removed in the end */
  static async open(url: string, consumers: readonly string[] = ['pay', 'ship']): Promise<Corner> {
    return new Corner(url, `orders-${randomBytes(6).toString('hex')}`, await connection(url), consumers);
  }

  /** Makes the queues as Semel would, before any consumer is there. */
  async makeQueues(consumers: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const channel = await this.admin.createChannel();
    await channel.assertExchange(this.topic, 'topic', { durable: true });
    for (const consumer of consumers) {
      await channel.assertQueue(this.queue(consumer), { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000, ...more } });
      await channel.bindQueue(this.queue(consumer), this.topic, '#');
    }
    await channel.close();
  }

  /** Makes the topic's stream as Semel would. */
  async makeStream(more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const channel = await this.admin.createChannel();
    await channel.assertExchange(this.topic, 'topic', { durable: true });
    await channel.assertQueue(this.topic, { durable: true, arguments: { 'x-queue-type': 'stream', ...more } });
    await channel.bindQueue(this.topic, this.topic, '#');
    await channel.close();
  }

  /** A transport whose queues are this corner's. */
  transport(options: RabbitmqOptions = {}, url: string = this.url): Transport {
    return rabbitmq(() => connect(url, { timeout: 5_000 }), { queue: (_service, consumer) => this.queue(consumer), ...options });
  }

  /** A transport whose stream and turns are this corner's. */
  streams(options: RabbitmqStreamsOptions = {}, url: string = this.url): Transport {
    return rabbitmqStreams(() => connect(url, { timeout: 5_000 }), { turn: (_service, consumer) => `${this.queue(consumer)}.turn`, ...options });
  }

  /** After the broker was killed. */
  async reconnect(): Promise<void> {
    this.admin = await connection(this.url);
  }

  queue(consumer: string): string {
    return `${this.topic}.${consumer}`;
  }

  /** Puts bytes into the topic as another program would. */
  async inject(bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const channel = await this.admin.createConfirmChannel();
    channel.publish(this.topic, 'foreign', Buffer.from(bytes), { headers });
    await channel.waitForConfirms();
    await channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const channel = await this.admin.createChannel();
    for (const consumer of this.#consumers) for (const queue of [this.queue(consumer), `${this.queue(consumer)}.dead`]) await channel.deleteQueue(queue);
    await channel.deleteQueue(this.topic);
    await channel.deleteExchange(this.topic);
    await this.admin.close();
  }
}

/** A connection whose end is no error. */
export async function connection(url: string): Promise<ChannelModel> {
  const model = await connect(url);
  model.on('error', () => {});
  return model;
}
