import { type Options as BullOptions, Queue, Worker } from 'bullmq';
import { Pool } from 'pg';
import { type Order, ordersFrom, placedId } from '../messages.ts';
import { connected, createTables, handleInFiveOf } from '../postgres/tables.ts';
import { Countdown } from '../processes/countdown.ts';
import { Latency } from '../processes/latency.ts';
import { type Job, type Report, serve, timed } from '../processes/program.ts';

interface Options {
  readonly measure: 'rate' | 'latency';
}

const QUEUE = 'orders';
const CONCURRENCY = 8;

async function prepare({ url, broker, first, count, measure }: Job & Options): Promise<void> {
  await createTables(url);
  const queue = queueOf(broker);
  await queue.obliterate({ force: true });
  const orders = measure === 'rate' ? ordersFrom(first, count) : [];
  for (let at = 0; at < orders.length; at += 1000) await queue.addBulk(orders.slice(at, at + 1000).map((data) => ({ name: 'order', data })));
  await queue.close();
}

async function measureRate({ url, broker, count }: Job): Promise<Report> {
  const pool = new Pool({ connectionString: url, max: CONCURRENCY });
  const countdown = new Countdown(count);
  return timed(await connected(url), count, async () => {
    const worker = new Worker<Order>(QUEUE, ({ data }) => handleInFiveOf(pool, data), { connection: connectionOf(broker), concurrency: CONCURRENCY });
    worker.on('completed', () => countdown.tick());
    await countdown.over;
  });
}

async function measureLatency({ url, broker, first, count }: Job): Promise<Report> {
  const pool = new Pool({ connectionString: url, max: CONCURRENCY });
  const latency = new Latency(ordersFrom(first, count));
  const handle = async ({ data }: { readonly data: Order }): Promise<void> => {
    latency.arrived(placedId(data));
    await handleInFiveOf(pool, data);
    latency.handled();
  };
  await new Worker<Order>(QUEUE, handle, { connection: connectionOf(broker), concurrency: CONCURRENCY }).waitUntilReady();
  const queue = queueOf(broker);
  return latency.measure((order) => queue.add('order', order));
}

function queueOf(broker: Job['broker']): Queue {
  return new Queue(QUEUE, { connection: connectionOf(broker), defaultJobOptions: { removeOnComplete: true } });
}

function connectionOf(broker: Job['broker']): BullOptions['connection'] {
  const { hostname, port } = new URL(broker?.url ?? '');
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
}

/** The jobs are in Redis; each is handled in a transaction of five statements. */
await serve<Options>({ prepare, run: (job) => (job.measure === 'rate' ? measureRate(job) : measureLatency(job)) });
