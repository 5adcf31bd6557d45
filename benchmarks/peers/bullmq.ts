import { type Options as BullOptions, Queue, Worker } from 'bullmq';
import { Pool } from 'pg';
import { type Order, ordersFrom } from '../messages.ts';
import { Countdown } from '../postgres/countdown.ts';
import { Latency } from '../postgres/latency.ts';
import { type Job, type Report, serve, timed } from '../postgres/program.ts';
import { connected, createTables, handleInFiveOf } from '../postgres/tables.ts';

interface Options {
  readonly measure: 'rate' | 'latency';
}

const QUEUE = 'orders';
const CONCURRENCY = 8;

async function prepare({ url, redis, first, count, measure }: Job & Options): Promise<void> {
  await createTables(url);
  const queue = queueOf(redis);
  await queue.obliterate({ force: true });
  const orders = measure === 'rate' ? ordersFrom(first, count) : [];
  for (let at = 0; at < orders.length; at += 1000) await queue.addBulk(orders.slice(at, at + 1000).map((data) => ({ name: 'order', data })));
  await queue.close();
}

async function measureRate({ url, redis, count }: Job): Promise<Report> {
  const pool = new Pool({ connectionString: url, max: CONCURRENCY });
  const countdown = new Countdown(count);
  return timed(await connected(url), count, async () => {
    const worker = new Worker<Order>(QUEUE, ({ data }) => handleInFiveOf(pool, data), { connection: connectionOf(redis), concurrency: CONCURRENCY });
    worker.on('completed', () => countdown.tick());
    await countdown.over;
  });
}

async function measureLatency({ url, redis, first, count }: Job): Promise<Report> {
  const pool = new Pool({ connectionString: url, max: CONCURRENCY });
  const latency = new Latency(ordersFrom(first, count));
  const handle = async ({ data }: { readonly data: Order }): Promise<void> => {
    latency.handling(data);
    await handleInFiveOf(pool, data);
    latency.handled();
  };
  await new Worker<Order>(QUEUE, handle, { connection: connectionOf(redis), concurrency: CONCURRENCY }).waitUntilReady();
  const queue = queueOf(redis);
  return latency.measure((order) => queue.add('order', order));
}

function queueOf(redis: string | undefined): Queue {
  return new Queue(QUEUE, { connection: connectionOf(redis), defaultJobOptions: { removeOnComplete: true } });
}

function connectionOf(redis = ''): BullOptions['connection'] {
  const { hostname, port } = new URL(redis);
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
}

/** The jobs are in Redis; each is handled in a transaction of five statements. */
await serve<Options>({ prepare, run: (job) => (job.measure === 'rate' ? measureRate(job) : measureLatency(job)) });
