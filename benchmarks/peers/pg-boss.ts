import { Pool, type PoolClient } from 'pg';
import { type Database, PgBoss } from 'pg-boss';
import { type Order, ordersFrom, placedId } from '../messages.ts';
import { connected, createTables, handleAtOnce, handleInFiveOf, handleSet } from '../postgres/tables.ts';
import { Countdown } from '../processes/countdown.ts';
import { Latency } from '../processes/latency.ts';
import { drained, type Job, type Report, serve, timed } from '../processes/program.ts';

interface Options {
  /**
   * - `five`: a transaction of five statements for each message;
   * - `transactional`: one statement for each message, in the transaction that completes the batch;
   * - `fetch`: one statement for a batch, with fetch and completion in a transaction of one's own;
   * - `latency`: as `five`, woken by NOTIFY.
   */
  readonly mode: 'five' | 'transactional' | 'fetch' | 'latency';
}

const QUEUE = 'orders';
const WORKERS = 8;
const BATCH = 100;
const WORK = { localConcurrency: WORKERS, batchSize: BATCH, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };

async function prepare({ url, first, count, mode }: Job & Options): Promise<void> {
  await createTables(url);
  const boss = await started(url, mode);
  await boss.createQueue(QUEUE, mode === 'latency' ? { notify: true } : {});
  const orders = mode === 'latency' ? [] : ordersFrom(first, count);
  for (let at = 0; at < orders.length; at += 1000)
    await boss.insert(
      QUEUE,
      orders.slice(at, at + 1000).map((data) => ({ data })),
    );
}

async function measureRate({ url, count, mode }: Job & Options): Promise<Report> {
  const admin = await connected(url);
  const boss = await started(url, mode);
  const pool = new Pool({ connectionString: url, max: WORKERS });
  const countdown = new Countdown(count);
  return timed(admin, count, async () => {
    await work(boss, pool, mode, countdown);
    await countdown.over;
    await drained(admin, `select from pgboss.job where name = '${QUEUE}' and state < 'completed' limit 1`);
  });
}

async function work(boss: PgBoss, pool: Pool, mode: Options['mode'], countdown: Countdown): Promise<void> {
  if (mode === 'fetch') {
    for (let worker = 0; worker < WORKERS; worker++) void fetchAll(boss, await pool.connect(), countdown);
    return;
  }
  const each = async (orders: readonly Order[]): Promise<void> => {
    for (const order of orders) await handleInFiveOf(pool, order);
  };
  const eachInTheirs = async (orders: readonly Order[], tx: Database): Promise<void> => {
    for (const { text, values = [] } of orders.map(handleAtOnce)) await tx.executeSql(text, values);
  };
  const transactional = mode === 'transactional';
  await boss.work<Order>(QUEUE, { ...WORK, ...(transactional ? { transactional } : {}) }, async (jobs, tx) => {
    const orders = jobs.map(({ data }) => data);
    await (transactional ? eachInTheirs(orders, tx) : each(orders));
    countdown.tick(orders.length);
  });
}

/** The fastest way that it offers. */
async function fetchAll(boss: PgBoss, client: PoolClient, countdown: Countdown): Promise<void> {
  const db: Database = { executeSql: (text, values) => client.query(text, values) };
  for (;;) {
    await client.query('begin');
    const jobs = await boss.fetch<Order>(QUEUE, { batchSize: BATCH, db });
    if (jobs.length > 0) {
      await client.query(handleSet(jobs.map(({ data }) => data)));
      await boss.complete(
        QUEUE,
        jobs.map(({ id }) => id),
        null,
        { db },
      );
    }
    await client.query('commit');
    if (jobs.length === 0) return;
    countdown.tick(jobs.length);
  }
}

async function measureLatency({ url, first, count, mode }: Job & Options): Promise<Report> {
  const boss = await started(url, mode);
  const pool = new Pool({ connectionString: url, max: WORKERS });
  const latency = new Latency(ordersFrom(first, count));
  await boss.work<Order>(QUEUE, { ...WORK, localConcurrency: 4, batchSize: 10 }, async (jobs) => {
    for (const { data } of jobs) {
      latency.arrived(placedId(data));
      await handleInFiveOf(pool, data);
      latency.handled();
    }
  });
  return latency.measure((order) => boss.send(QUEUE, order));
}

async function started(connectionString: string, mode: Options['mode']): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString, max: 2 * WORKERS + 3, supervise: false, schedule: false, ...(mode === 'latency' ? { useListenNotify: true } : {}) });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  return boss;
}

/** Eight workers, each with batches of a hundred. */
await serve<Options>({ prepare, run: (job) => (job.mode === 'latency' ? measureLatency(job) : measureRate(job)) });
