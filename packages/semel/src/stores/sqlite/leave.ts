import type { Registry } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { countUntaken } from './intake.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { FOREVER_MS, requireSubscription } from './subscriptions.ts';

/** Rows removed per transaction: the write lock is held for a few milliseconds only. */
const BATCH = 1000;

/**
 * Removes a subscription: paused first, so that nothing runs while its records go, then its rows in batches, and itself last. Where
 * that is interrupted, it can be repeated. Between the batches everyone else gets a turn.
 */
export async function leave(file: SqliteFile, name: string): Promise<Removed> {
  const subscriptionId = await file.transact((connection) => pause(connection, name));
  const backlog = await removeQueue(file, subscriptionId);
  const deadLetters = await removeAll(file, DEAD_LETTERS, subscriptionId);
  const records = await removeAll(file, RECORDS, subscriptionId);
  const rest = await file.transact((connection) => removeRest(connection, name));
  return { backlog: backlog + rest.backlog, records: records + rest.records, deadLetters: deadLetters + rest.deadLetters };
}

type Removed = Awaited<ReturnType<Registry['leave']>>;

function pause(connection: Connection, name: string): number {
  const { subscriptionId } = requireSubscription(connection, name);
  connection.run('update semel_subscriptions set paused_until_ms = ? where subscription_id = ?', FOREVER_MS, subscriptionId);
  return subscriptionId;
}

const QUEUE = `delete from semel_queue where position in (select position from semel_queue where position > ? and subscription_id = ? order by position limit ?)
  returning position`;

const DEAD_LETTERS = 'delete from semel_dead_letters where dead_letter_id in (select dead_letter_id from semel_dead_letters where subscription_id = ? limit ?)';

const RECORDS = `delete from semel_inbox where (subscription_id, source, id) in (select subscription_id, source, id from semel_inbox where subscription_id = ? limit ?)`;

/** Walks on from where the last batch ended: the rows of others are passed once. */
async function removeQueue(file: SqliteFile, subscriptionId: number): Promise<number> {
  let removed = 0;
  for (let from = 0; ; ) {
    const rows = await file.writer.transact((connection) => connection.all<{ position: number }>(QUEUE, from, subscriptionId, BATCH));
    removed += rows.length;
    if (rows.length < BATCH) return removed;
    from = rows.reduce((last, { position }) => Math.max(last, position), from);
  }
}

async function removeAll(file: SqliteFile, sql: string, subscriptionId: number): Promise<number> {
  for (let removed = 0; ; ) {
    const batch = await file.writer.transact((connection) => connection.run(sql, subscriptionId, BATCH));
    removed += batch;
    if (batch < BATCH) return removed;
  }
}

/** What came in meanwhile, and the subscription itself. What it had still to take in counts as backlog. */
function removeRest(connection: Connection, name: string): Removed {
  const subscription = requireSubscription(connection, name);
  const remove = (table: string) => connection.run(`delete from ${table} where subscription_id = ?`, subscription.subscriptionId);
  remove('semel_positions');
  const backlog = countUntaken(connection, subscription) + remove('semel_queue');
  const removed = { backlog, records: remove('semel_inbox'), deadLetters: remove('semel_dead_letters') };
  remove('semel_subscriptions');
  return removed;
}
