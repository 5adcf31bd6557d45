import { type Helpers, Logger, makeWorkerUtils, run, type Settings, type Utils } from 'graphile-worker';
import { type Order, ordersFrom, placedId } from '../messages.ts';
import { connected, createTables, handleAtOnce, handleInFive } from '../postgres/tables.ts';
import { Countdown } from '../processes/countdown.ts';
import { Latency } from '../processes/latency.ts';
import { drained, type Job, type Report, serve, timed } from '../processes/program.ts';

interface Options {
  readonly measure: 'rate' | 'latency';
  /** `five`: a transaction of five statements; `one`: all of it in one. */
  readonly statements: 'five' | 'one';
  readonly concurrency: number;
  /** Jobs fetched ahead; completions then are batched too. */
  readonly localQueue?: number;
}

const TASK = 'order';

async function prepare({ url, first, count, ...options }: Job & Options): Promise<void> {
  await createTables(url);
  const utils = await utilsOf(url, options);
  await utils.migrate();
  const orders = options.measure === 'rate' ? ordersFrom(first, count) : [];
  for (let at = 0; at < orders.length; at += 5000) await utils.addJobs(orders.slice(at, at + 5000).map((payload) => ({ identifier: TASK, payload })));
  await utils.release();
}

async function measureRate({ url, count, ...options }: Job & Options): Promise<Report> {
  const admin = await connected(url);
  const handle = handlerOf(options);
  const countdown = new Countdown(count);
  return timed(admin, count, async () => {
    await start(url, options, async (order, helpers) => {
      await handle(order, helpers);
      countdown.tick();
    });
    await countdown.over;
    await drained(admin, 'select from graphile_worker._private_jobs limit 1');
  });
}

async function measureLatency({ url, first, count, ...options }: Job & Options): Promise<Report> {
  const handle = handlerOf(options);
  const latency = new Latency(ordersFrom(first, count));
  await start(url, options, async (order, helpers) => {
    latency.arrived(placedId(order));
    await handle(order, helpers);
    latency.handled();
  });
  const utils = await utilsOf(url, options);
  return latency.measure((order) => utils.addJob(TASK, order));
}

type Handle = (order: Order, helpers: Helpers) => Promise<unknown>;

function handlerOf({ statements }: Pick<Options, 'statements'>): Handle {
  if (statements === 'five') return (order, helpers) => helpers.withPgClient((client) => handleInFive(client, order));
  return (order, helpers) => helpers.withPgClient((client) => client.query(handleAtOnce(order)));
}

async function start(url: string, options: Omit<Options, 'measure'>, handle: (order: Order, helpers: Helpers) => Promise<void>): Promise<void> {
  await run({ ...settingsOf(url, options), noHandleSignals: true, taskList: { [TASK]: handle } });
}

function utilsOf(url: string, options: Omit<Options, 'measure'>): Promise<Utils> {
  return makeWorkerUtils(settingsOf(url, options));
}

function settingsOf(connectionString: string, { concurrency, localQueue }: Omit<Options, 'measure'>): Settings {
  const batched = localQueue === undefined ? {} : { localQueue: { size: localQueue }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  return { preset: { worker: { connectionString, concurrentJobs: concurrency, maxPoolSize: concurrency + 2, ...batched } }, logger: new Logger(() => () => {}) };
}

/** Each job is handled in a transaction of its own. */
await serve<Options>({ prepare, run: (job) => (job.measure === 'rate' ? measureRate(job) : measureLatency(job)) });
