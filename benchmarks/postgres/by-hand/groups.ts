import type { Client } from 'pg';
import type { Order } from '../../messages.ts';
import { type Job, serve, timed } from '../../processes/program.ts';
import { connected, handleSet, insertOutboxSet, insertPayment, recordNew } from '../tables.ts';
import { claim, fillQueue } from '../yardstick-queue.ts';

/** How the yardstick handles a hundred messages. */
interface Options {
  /** `messages`: a statement for each effect, sent without waiting for the one before. `set`: one statement for everything. */
  readonly handler: 'messages' | 'set';
  readonly connections: number;
}

const GROUP = 100;

/** Sends the statements of a group, and gives what is still to be answered: the commit goes out with them. */
type Handle = (client: Client, orders: readonly Order[]) => Promise<readonly Promise<unknown>[]>;

async function drain(client: Client, handle: Handle): Promise<void> {
  for (;;) {
    const begun = client.query('begin');
    const orders = await claim(client, GROUP);
    const sent = orders.length === 0 ? [] : await handle(client, orders);
    await Promise.all([begun, ...sent, client.query('commit')]);
    if (orders.length === 0) return;
  }
}

async function handleAsSet(client: Client, orders: readonly Order[]): Promise<readonly Promise<unknown>[]> {
  return [client.query(handleSet(orders))];
}

async function handleEach(client: Client, orders: readonly Order[]): Promise<readonly Promise<unknown>[]> {
  const todo = await recordNew(client, orders);
  return [...todo.map((order) => client.query(insertPayment(order))), client.query(insertOutboxSet(todo))];
}

/** The yardstick: what a good hand writes for itself, a queue in a table, a hundred messages in a transaction. */
await serve<Options>({
  prepare: ({ url, first, count }) => fillQueue(url, first, count),
  run: async ({ url, count, handler, connections }: Job & Options) => {
    const handle = handler === 'set' ? handleAsSet : handleEach;
    const clients = await Promise.all(Array.from({ length: connections }, () => connected(url, { pipeline: true })));
    return timed(await connected(url), count, () => Promise.all(clients.map((client) => drain(client, handle))));
  },
});
