import { DBOS } from '@dbos-inc/dbos-sdk';
import { Pool } from 'pg';
import { type Order, ordersFrom } from '../messages.ts';
import { connected, createTables, handleAtOnce } from '../postgres/tables.ts';
import { Countdown } from '../processes/countdown.ts';
import { drained, type Job, type Report, serve, timed } from '../processes/program.ts';

const QUEUE = 'orders';
/** Workflows that are started at once. */
const STARTERS = 16;

/** A workflow whose one step is a statement. */
async function launch(url: string, done: () => void): Promise<(order: Order) => Promise<void>> {
  const pool = new Pool({ connectionString: url, max: 10 });
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePoolSize: 20, applicationVersion: 'bench', logLevel: 'error' });
  const workflow = DBOS.registerWorkflow<Order>(
    async (order) => {
      await DBOS.runStep(async () => void (await pool.query(handleAtOnce(order))), { name: 'pay' });
      done();
    },
    { name: 'order' },
  );
  await DBOS.launch();
  return workflow;
}

/** Nothing runs yet: the queue is registered where they are handled. */
async function prepare({ url, first, count }: Job): Promise<void> {
  await createTables(url);
  const workflow = await launch(url, () => {});
  const orders = ordersFrom(first, count).values();
  const start = async (): Promise<void> => {
    for (const order of orders) await DBOS.startWorkflow(workflow, { queueName: QUEUE })(order);
  };
  await Promise.all(Array.from({ length: STARTERS }, start));
  await DBOS.shutdown();
}

async function run({ url, count }: Job): Promise<Report> {
  const admin = await connected(url);
  const countdown = new Countdown(count);
  await launch(url, () => countdown.tick());
  return timed(admin, count, async () => {
    await DBOS.registerQueue(QUEUE, { minPollingIntervalMs: 100 });
    await countdown.over;
    await drained(admin, `select from dbos.workflow_status where status <> 'SUCCESS' limit 1`);
  });
}

/** As many workflows at once as it likes. */
await serve({ prepare, run });
