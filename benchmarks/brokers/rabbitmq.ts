import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import type { Transport } from 'semel';
import { rabbitmq } from 'semel/rabbitmq';
import type { Order } from '../messages.ts';
import type { Job } from '../processes/program.ts';
import { addressOf, type Broker, type Handle, LANES, nameOf, type Stop } from './broker.ts';

/** Like those that Semel makes. */
const QUORUM = { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 } };

/** An exchange of RabbitMQ's, and a quorum queue behind it. */
export class RabbitmqBroker implements Broker {
  readonly batch = 1000;
  readonly #url: string;
  readonly #exchange: string;
  readonly #queue: string;
  #outlet: Promise<ConfirmChannel> | undefined;

  constructor(job: Job) {
    this.#url = addressOf(job);
    this.#exchange = nameOf(job);
    this.#queue = `${this.#exchange}.payments`; // as Semel calls it
  }

  async create(): Promise<void> {
    await this.#with(async (channel) => {
      await channel.assertExchange(this.#exchange, 'topic', { durable: true });
      await channel.assertQueue(this.#queue, QUORUM);
      await channel.bindQueue(this.#queue, this.#exchange, '#');
    });
  }

  async send(orders: readonly Order[]): Promise<void> {
    this.#outlet ??= connect(this.#url).then((connection) => connection.createConfirmChannel());
    const channel = await this.#outlet;
    for (const order of orders) channel.publish(this.#exchange, 'placed', Buffer.from(JSON.stringify(order)), { persistent: true });
    await channel.waitForConfirms();
  }

  async consume(most: number, handle: Handle): Promise<Stop> {
    const connection = await connect(this.#url);
    const channel = await connection.createChannel();
    await channel.prefetch(LANES * most);
    const idle = await consumeFrom(channel, this.#queue, most, handle);
    return async () => {
      await idle();
      await channel.close();
      await connection.close();
    };
  }

  left(): Promise<number> {
    return this.#with(async (channel) => (await channel.checkQueue(this.#queue)).messageCount);
  }

  transport(): Transport {
    return rabbitmq(() => connect(this.#url));
  }

  async #with<Result>(work: (channel: Channel) => Promise<Result>): Promise<Result> {
    const connection: ChannelModel = await connect(this.#url);
    try {
      return await work(await connection.createChannel());
    } finally {
      await connection.close();
    }
  }
}

/** Each lane takes up to `most` of what waits. Answers with what resolves once nothing is in hand. */
async function consumeFrom(channel: Channel, queue: string, most: number, handle: Handle): Promise<Stop> {
  const waiting: ConsumeMessage[] = [];
  const lanes = new Set<Promise<void>>();
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting.splice(0, most);
      await handle(taken.map(({ content }) => JSON.parse(String(content)) as Order));
      for (const message of taken) channel.ack(message);
    }
  };
  await channel.consume(queue, (message) => {
    if (message === null) throw new Error(`error: queue ${queue} was deleted`);
    waiting.push(message);
    if (lanes.size === LANES) return;
    const lane = drain().finally(() => lanes.delete(lane));
    lanes.add(lane);
  });
  return () => Promise.all(lanes);
}
