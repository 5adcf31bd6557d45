import { type ConsumerRunConfig, type EachBatchPayload, Kafka, type KafkaMessage, logLevel, type Producer } from 'kafkajs';
import type { Transport } from 'semel';
import { kafka } from 'semel/kafka';
import { administered } from '../../scripts/services/kafka-admin.ts';
import type { Order } from '../messages.ts';
import type { Job } from '../processes/program.ts';
import { addressOf, type Broker, type Handle, LANES, nameOf, type Stop } from './broker.ts';

const ALL_IN_SYNC = -1;

/** What a group reads. */
interface Reading {
  readonly topic: string;
  readonly group: string;
}

/** A topic of Kafka's, with a partition for each lane. */
export class KafkaBroker implements Broker, Reading {
  readonly batch = 1000;
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  #producer: Promise<Producer> | undefined;

  constructor(job: Job) {
    this.kafka = new Kafka({ brokers: [addressOf(job)], logLevel: logLevel.ERROR });
    this.topic = nameOf(job);
    this.group = `${this.topic}/payments`; // as Semel calls it
  }

  async create(topic: string = this.topic): Promise<void> {
    await administered(this.kafka, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: LANES }], waitForLeaders: true }));
  }

  async send(orders: readonly Order[]): Promise<void> {
    this.#producer ??= this.#connected();
    await (await this.#producer).send({ topic: this.topic, acks: ALL_IN_SYNC, messages: orders.map((order) => ({ value: JSON.stringify(order) })) });
  }

  /** By batches: offsets are resolved after each part of one, and committed at its end. */
  consume(most: number, handle: Handle): Promise<Stop> {
    return this.run({ partitionsConsumedConcurrently: LANES, eachBatchAutoResolve: false, eachBatch: (payload) => handleParts(payload, most, handle) });
  }

  /** As the documentation of kafkajs begins. */
  consumeEach(handle: Handle): Promise<Stop> {
    return this.run({ partitionsConsumedConcurrently: LANES, eachMessage: async ({ message }) => void (await handle([orderOf(message)])) });
  }

  /** Reads a topic from its beginning, as a group; what is not said is as kafkajs has it. */
  async run(config: ConsumerRunConfig, { topic, group: groupId }: Reading = this): Promise<Stop> {
    const consumer = this.kafka.consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run(config);
    return () => consumer.disconnect();
  }

  left(): Promise<number> {
    const { topic, group: groupId } = this;
    return administered(this.kafka, async (admin) => {
      const [ends, [of]] = await Promise.all([admin.fetchTopicOffsets(topic), admin.fetchOffsets({ groupId, topics: [topic] })]);
      const committed = new Map(of?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      return ends.reduce((sum, { partition, high, low }) => sum + Number(high) - Math.max(Number(low), committed.get(partition) ?? 0), 0);
    });
  }

  transport(): Transport {
    return kafka(this.kafka);
  }

  async #connected(): Promise<Producer> {
    const producer = this.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    return producer;
  }
}

/** The order in a message that was written by hand. */
function orderOf({ value }: KafkaMessage): Order {
  return JSON.parse(String(value)) as Order;
}

async function handleParts({ batch: { messages }, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload, most: number, handle: Handle): Promise<void> {
  for (let at = 0; at < messages.length && isRunning() && !isStale(); at += most) {
    const part = messages.slice(at, at + most);
    await handle(part.map(orderOf));
    resolveOffset(part.at(-1)?.offset as string);
    await heartbeat();
  }
}
