import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { Mode } from '../mode.ts';
import { persistently } from '../persistently.ts';
import type { ColumnBroker, Delivered } from './column-broker.ts';

/** One for each worker. */
const PARTITIONS = 3;
/** A worker that died loses its partitions soon. */
const SESSION_MS = 1000;
const HEARTBEAT_MS = 200;
/** A member that waits for records hears of nothing else. */
const FETCH_MS = 100;
const REBALANCE_MS = 3000;
/** Goes on while the broker is killed and started again. */
const RETRY = { retries: 100, initialRetryTime: 100, maxRetryTime: 500 };
const CLOUD_EVENT = 'application/cloudevents+json';

/** An Apache Kafka, with a topic and a consumer group for each column. */
export function kafkaBroker(address: string, mode: Mode): ColumnBroker {
  const client = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: RETRY });
  const { topic, group } = mode === 'semel' ? { topic: 'payments', group: 'shop/charge' } : { topic: mode, group: mode };
  return {
    leaseMs: SESSION_MS,
    publish: async (messages) => {
      await administer(client, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true }));
      const producer = client.producer();
      await producer.connect();
      const records = messages.flatMap(({ body, times }) => Array(times).fill({ value: body, headers: { 'content-type': CLOUD_EVENT } }));
      await producer.send({ topic, messages: records });
      await producer.disconnect();
    },
    consume: (handle, stop) => consume(client, topic, group, handle, stop),
    transport: async () => (await import('semel/kafka')).kafka(client, { sessionTimeoutMs: SESSION_MS, heartbeatMs: HEARTBEAT_MS }),
    remaining: () => administer(client, (admin) => lagOf(admin, topic, group)),
    close: async () => {},
  };
}

/** The position is committed after each message: Kafka has no other acknowledgement. */
async function consume(client: Kafka, topic: string, group: string, handle: (message: Delivered) => Promise<void>, stop: AbortSignal): Promise<void> {
  const consumer = client.consumer({ groupId: group, sessionTimeout: SESSION_MS, heartbeatInterval: HEARTBEAT_MS, rebalanceTimeout: REBALANCE_MS, maxWaitTimeInMs: FETCH_MS });
  await persistently(async () => {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
  });
  const over = Promise.withResolvers<void>();
  stop.addEventListener('abort', () => over.resolve(), { once: true });
  if (stop.aborted) over.resolve();
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message: { value, offset } }) => {
      let refused: unknown;
      const acknowledge = async () => {
        await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(offset) + 1n) }]).catch((error) => {
          refused = error;
        });
        return refused === undefined;
      };
      await handle({ body: String(value), acknowledge }).catch(over.reject);
      if (refused !== undefined) throw refused; // it is read again
    },
  });
  await over.promise.finally(() => consumer.disconnect());
}

async function lagOf(admin: Admin, topic: string, group: string): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic);
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const read = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
  return ends.reduce((lag, { partition, high }) => lag + Number(high) - (read.get(partition) ?? 0), 0);
}

async function administer<Result>(client: Kafka, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = client.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
