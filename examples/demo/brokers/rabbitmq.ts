import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { Mode } from '../mode.ts';
import { type ColumnBroker, type Delivered, poll } from './column-broker.ts';

const LEASE_MS = 300;
/** Few, so that each worker has some. */
const PREFETCH = 10;
const RECONNECT_MS = 100;
/** A quorum queue that is younger than a second may be lost with its server. */
const DECLARED_MS = 2000;
const CONNECT_MS = 2000;
/** By default RabbitMQ drops what was returned 20 times, and with each kill everything returns that its process had in hand. */
const QUEUE = { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 } };

/** A RabbitMQ, with a quorum queue for each column. */
export function rabbitmqBroker(url: string, queue: Mode): ColumnBroker {
  const channel = new OpenChannel(url);
  return {
    leaseMs: LEASE_MS,
    publish: async (messages) => {
      const confirming = await (await channel.connection()).createConfirmChannel();
      await confirming.assertQueue(queue, QUEUE);
      await sleep(DECLARED_MS);
      const properties = { persistent: true, contentType: 'application/cloudevents+json' };
      for (const { body, times } of messages) for (let time = 0; time < times; time++) confirming.sendToQueue(queue, Buffer.from(body), properties);
      await confirming.waitForConfirms();
    },
    consume: (handle, stop) => poll(() => receive(channel, queue), handle, stop),
    transport: async () => {
      const { rabbitmq } = await import('semel/rabbitmq');
      return rabbitmq(() => connect(url, { timeout: CONNECT_MS }), { prefetch: PREFETCH, declare: false, exchange: () => 'amq.topic', queue: () => queue });
    },
    remaining: async () => (await (await channel.get()).checkQueue(queue)).messageCount,
    close: () => channel.close(),
  };
}

async function receive(open: OpenChannel, queue: string): Promise<readonly Delivered[]> {
  try {
    const channel = await open.get();
    const message = await channel.get(queue);
    if (message === false) return [];
    const acknowledge = async () => {
      channel.ack(message);
      await channel.checkQueue(queue); // nothing answers an acknowledgement; what is answered after it shows that it arrived
    };
    return [{ body: message.content.toString(), acknowledge: () => succeeds(acknowledge) }];
  } catch {
    await sleep(RECONNECT_MS);
    return [];
  }
}

function succeeds(act: () => Promise<void>): Promise<boolean> {
  return act().then(
    () => true,
    () => false,
  );
}

/** A channel that is opened again after the broker was away. */
class OpenChannel {
  readonly #url: string;
  #connection: ChannelModel | undefined;
  #channel: Channel | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async get(): Promise<Channel> {
    if (this.#channel !== undefined) return this.#channel;
    const channel = await (await this.connection()).createChannel();
    channel.on('error', () => {}); // `close` follows
    channel.on('close', () => {
      this.#channel = undefined;
    });
    this.#channel = channel;
    return channel;
  }

  async connection(): Promise<ChannelModel> {
    if (this.#connection !== undefined) return this.#connection;
    const connection = await connect(this.#url, { timeout: CONNECT_MS });
    connection.on('error', () => {}); // `close` follows
    connection.on('close', () => {
      this.#connection = this.#channel = undefined;
    });
    this.#connection = connection;
    return connection;
  }

  async close(): Promise<void> {
    await this.#connection?.close().catch(() => {}); // it may have ended meanwhile
  }
}
