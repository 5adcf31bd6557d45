import type { Client } from 'pg';
import { ordersFrom, placedId } from '../../messages.ts';
import { Latency } from '../../processes/latency.ts';
import { serve } from '../../processes/program.ts';
import { connected, handleSet } from '../tables.ts';
import { claim, enqueue, fillQueue } from '../yardstick-queue.ts';

const MAX = 100;
const POLL_MS = 500;

/** Handles what is there in one transaction; whether there was anything. */
async function handleWaiting(client: Client, latency: Latency): Promise<boolean> {
  const begun = client.query('begin');
  const orders = await claim(client, MAX);
  for (const order of orders) latency.arrived(placedId(order));
  await Promise.all([begun, ...(orders.length === 0 ? [] : [client.query(handleSet(orders))]), client.query('commit')]);
  for (const _ of orders) latency.handled();
  return orders.length > 0;
}

/** Works until the process ends, woken by notifications. */
async function work(client: Client, listener: Client, latency: Latency): Promise<void> {
  let woken = false;
  let wake = (): void => {};
  listener.on('notification', () => {
    woken = true;
    wake();
  });
  await listener.query('listen orders');
  for (;;) {
    woken = false;
    if ((await handleWaiting(client, latency)) || woken) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, POLL_MS);
    });
  }
}

/** The yardstick at rest: woken by NOTIFY, it handles what has come meanwhile in one transaction. */
await serve({
  prepare: ({ url, first }) => fillQueue(url, first, 0),
  run: async ({ url, first, count }) => {
    const orders = ordersFrom(first, count);
    const latency = new Latency(orders);
    const publisher = await connected(url);
    void work(await connected(url, { pipeline: true }), await connected(url), latency);
    return latency.measure(async (order) => {
      const { text, values = [] } = enqueue([order]);
      await publisher.query({ name: 'publish', text: `with queued as (${text}) select pg_notify('orders', '')`, values });
    });
  },
});
