import type { Registry } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { FOREVER_MS, lockSubscription } from './subscriptions.ts';

/** Rows removed per transaction. */
const BATCH = 5_000;

/**
 * Removes a subscription: paused first, so that nothing runs while its records go, then its rows in batches, and itself last. Where
 * that is interrupted, it can be repeated.
 */
export async function leave(database: PostgresDatabase, name: string): Promise<Removed> {
  const subscriptionId = await database.transact((connection) => pause(connection, name));
  const remove = (table: string) => removeAll(database, table, subscriptionId);
  const removed = { backlog: await remove('queue'), records: await remove('inbox'), deadLetters: await remove('dead_letters') };
  await database.transact(async (connection) => {
    await lockSubscription(connection, name);
    for (const table of ['leases', 'positions', 'subscriptions']) await connection.all(`delete from {s}.${table} where subscription_id = $1`, subscriptionId);
  });
  removed.backlog += await remove('queue'); // what came in meanwhile; from now on nothing can
  return removed;
}

type Removed = Awaited<ReturnType<Registry['leave']>>;

async function pause(connection: Connection, name: string): Promise<number> {
  const { subscriptionId } = await lockSubscription(connection, name);
  await connection.all(`update {s}.subscriptions set paused_until_ms = ${FOREVER_MS} where subscription_id = $1`, subscriptionId);
  return subscriptionId;
}

async function removeAll(database: PostgresDatabase, table: string, subscriptionId: number): Promise<number> {
  const sql = `with removed as (
      delete from {s}.${table} where ctid = any(array(select ctid from {s}.${table} where subscription_id = $1 limit ${BATCH})) returning 1
    ) select count(*)::int as count from removed`;
  for (let removed = 0; ; ) {
    const batch = (await database.pool.get<{ count: number }>(sql, subscriptionId))?.count ?? 0;
    removed += batch;
    if (batch < BATCH) return removed;
  }
}
