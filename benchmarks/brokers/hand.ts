import { Pool, type PoolClient } from 'pg';
import { type Order, ordersFrom } from '../messages.ts';
import { createTables, handleInFour, payInGroup } from '../postgres/tables.ts';
import { deliverTo } from '../processes/feeders.ts';
import type { Job, Report } from '../processes/program.ts';
import { type Broker, type Handle, LANES, type Stop } from './broker.ts';
import { brokerOf } from './broker-of.ts';
import { measureConsumption } from './consumption.ts';

/** Requests to publish on their way at once. */
const SENDERS = 4;

/** The tables, and an empty topic. */
export async function prepareByHand(job: Job): Promise<Broker> {
  await createTables(job.url);
  const broker = await brokerOf(job);
  await broker.create();
  return broker;
}

/** The same with all orders in the topic. */
export async function prepareFullByHand(job: Job): Promise<void> {
  await sendAll(await prepareByHand(job), ordersFrom(job.first, job.count));
}

/** Publishes orders with the bare client; resolves once all are confirmed. */
export function sendAll(broker: Broker, orders: readonly Order[]): Promise<void> {
  return deliverTo(Array.from({ length: SENDERS }), orders, (_, batch) => broker.send(batch), broker.batch);
}

/** Writes on a connection of a pool: of one order as it is mostly written, of more as a good hand does. */
export function writeTo(url: string): Handle {
  const pool = new Pool({ connectionString: url, max: LANES });
  const onClient = async (write: (client: PoolClient) => Promise<unknown>): Promise<void> => {
    const client = await pool.connect();
    await write(client);
    client.release();
  };
  return (orders) => onClient((client) => (orders.length === 1 ? handleInFour(client, orders[0] as Order) : payInGroup(client, orders)));
}

/** Measures a consumer that writes, then acknowledges. */
export async function consumeByHand(job: Job, broker: Broker, consume: (handle: Handle) => Promise<Stop>): Promise<Report> {
  const write = writeTo(job.url);
  return measureConsumption(job, broker, (beginning) =>
    consume((orders) => {
      beginning(orders.length);
      return write(orders);
    }),
  );
}
