import { EventEmitter } from 'node:events';
import type { RabbitmqChannel, RabbitmqConnection, RabbitmqMessage } from './rabbitmq-client.ts';

/** What a publisher sent, and its way to hear of it. */
export interface Sent {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly options: Readonly<Record<string, unknown>>;
  confirmed(error: unknown): void;
}

/** A channel that a test plays the broker of. */
export class PlayedChannel extends EventEmitter implements RabbitmqChannel {
  readonly asked: string[] = [];
  readonly queueArguments: Map<string, unknown> = new Map();
  readonly sent: Sent[] = [];
  readonly acked: number[] = [];
  readonly rejected: number[] = [];
  /** What the next calls of these methods fail with. */
  readonly failures: Map<string, Error> = new Map();
  prefetched = 0;
  /** The arguments of its consumer. */
  consumer: unknown;
  onMessage: (message: RabbitmqMessage | null) => void = () => {};
  #tags = 0;

  async assertExchange(exchange: string, type: string): Promise<void> {
    this.#ask(`assert exchange ${exchange} ${type}`);
  }
  async checkExchange(exchange: string): Promise<void> {
    this.#ask(`check exchange ${exchange}`);
  }
  async assertQueue(queue: string, options: { readonly arguments: Readonly<Record<string, unknown>> }): Promise<void> {
    this.queueArguments.set(queue, options.arguments);
    this.#ask(`assert queue ${queue}`);
  }
  async checkQueue(queue: string): Promise<{ readonly messageCount: number }> {
    this.#ask(`check queue ${queue}`);
    return { messageCount: 0 };
  }
  async bindQueue(queue: string, exchange: string, pattern: string): Promise<void> {
    this.#ask(`bind ${queue} to ${exchange} by ${pattern}`);
  }
  async prefetch(count: number): Promise<void> {
    this.prefetched = count;
  }
  async consume(queue: string, onMessage: (message: RabbitmqMessage | null) => void, options?: { readonly arguments: unknown }): Promise<void> {
    this.#ask(`consume ${queue}`);
    this.consumer = options?.arguments;
    this.onMessage = onMessage;
  }
  publish(exchange: string, routingKey: string, content: Buffer, options: object, confirmed: (error: unknown) => void = () => {}): boolean {
    this.#ask('publish');
    this.sent.push({ exchange, routingKey, content, options: options as Sent['options'], confirmed });
    return true;
  }
  ack({ fields }: RabbitmqMessage): void {
    this.#ask('ack');
    this.acked.push(fields.deliveryTag);
  }
  reject({ fields }: RabbitmqMessage): void {
    this.rejected.push(fields.deliveryTag);
  }
  async close(): Promise<void> {
    this.end();
  }

  /** Brings a message to its consumer. */
  deliver(text: string, fields: Partial<RabbitmqMessage['fields']> = {}, properties: RabbitmqMessage['properties'] = {}): void {
    const all = { deliveryTag: ++this.#tags, redelivered: false, exchange: 'orders', routingKey: 'orders', ...fields };
    this.onMessage({ content: Buffer.from(text), fields: all, properties });
  }

  /** Returns what was sent, and confirms it, as a broker does with what no queue takes. */
  return({ exchange, routingKey, content, options, confirmed }: Sent): void {
    this.emit('return', { content, fields: { exchange, routingKey, replyText: 'NO_ROUTE' }, properties: { messageId: options['messageId'] } });
    confirmed(null);
  }

  /** What is not confirmed by then never will be. */
  end(): void {
    for (const { confirmed } of this.sent) confirmed(new Error('channel closed'));
    this.failures.set('publish', new Error('Channel closed')).set('ack', new Error('Channel closed'));
    this.emit('close');
  }

  #ask(what: string): void {
    this.asked.push(what);
    for (const [method, failure] of this.failures) if (what.startsWith(method)) throw failure;
  }
}

/** Connections that a test plays the broker of. */
export class PlayedRabbitmq {
  readonly connections: EventEmitter[] = [];
  readonly channels: PlayedChannel[] = [];
  /** Done to each channel that is opened. */
  prepare: (channel: PlayedChannel) => void = () => {};

  readonly connect = async (): Promise<RabbitmqConnection> => {
    const open = async () => {
      const channel = new PlayedChannel();
      this.prepare(channel);
      this.channels.push(channel);
      return channel;
    };
    const connection = Object.assign(new EventEmitter(), { createChannel: open, createConfirmChannel: open, close: async () => {} });
    this.connections.push(connection);
    return connection;
  };

  get channel(): PlayedChannel {
    return this.channels.at(-1) as PlayedChannel;
  }
}
