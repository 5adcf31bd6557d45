/** Loaded before README.md's example: makes its tables, and sends it SIGTERM once it waits for that and has nothing left to do. */
import { createSemel } from 'semel';
import { sqlite } from 'semel/sqlite';

const POLL_MS = 20;

const beside = createSemel({ name: 'beside', store: sqlite('shop.db') });
await beside.transaction(({ tx }) => tx.exec('create table if not exists orders (order_id text); create table if not exists charges (order_id text, cents integer)'));
setTimeout(look, POLL_MS);

async function look(): Promise<void> {
  const payments = (await beside.status()).find(({ name }) => name === 'payments');
  const isDone = payments !== undefined && payments.backlog.ready + payments.backlog.inFlight + payments.backlog.retrying === 0;
  if (!isDone || process.listenerCount('SIGTERM') === 0) return void setTimeout(look, POLL_MS);
  await beside.close();
  process.kill(process.pid, 'SIGTERM');
}
