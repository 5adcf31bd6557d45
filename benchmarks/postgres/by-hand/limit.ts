import { ordersFrom } from '../../messages.ts';
import { deliverTo } from '../../processes/feeders.ts';
import { type Job, serve, timed } from '../../processes/program.ts';
import { connected, createTables, handleSet, insertHandledSet } from '../tables.ts';

/** What is measured of the database itself. */
interface Options {
  /** Whether every message was handled before. */
  readonly duplicates?: boolean;
}

const CONNECTIONS = 8;

/** The most that one process gets into the database: one statement for 100 messages that are in memory, on 8 connections. */
await serve<Options>({
  prepare: async ({ url, first, count, duplicates = false }: Job & Options) => {
    await createTables(url);
    if (!duplicates) return;
    const client = await connected(url);
    await client.query(insertHandledSet(ordersFrom(first, count)));
    await client.end();
  },
  run: async ({ url, first, count }) => {
    const orders = ordersFrom(first, count);
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(url)));
    return timed(await connected(url), count, () => deliverTo(clients, orders, (client, batch) => client.query(handleSet(batch))));
  },
});
