import type { Connection } from './connection.ts';

/** The highest position among the queue's rows; positions are never given twice. */
export function lastPosition(connection: Connection): number {
  return connection.get<{ position: number }>('select coalesce(max(position), 0) as position from semel_queue')?.position ?? 0;
}

/** After rows were added beyond `afterPosition`, all waiting: those that are first of their key become ready. */
export function letHeadsGo(connection: Connection, afterPosition: number): void {
  connection.run(
    `update semel_queue set waiting = 0 where position > ? and waiting = 1 and not exists (
      select 1 from semel_queue p where p.subscription_id = semel_queue.subscription_id and p.key = semel_queue.key and p.position < semel_queue.position)`,
    afterPosition,
  );
}

/** After rows were taken away: what is first of each of the keys now becomes ready. */
export function promoteKeys(connection: Connection, subscriptionId: number, keys: Iterable<string>): void {
  const list = [...new Set(keys)];
  if (list.length === 0) return;
  connection.run(
    `update semel_queue set waiting = 0 where waiting = 1 and position in (
      select (select min(q.position) from semel_queue q where q.subscription_id = :subscriptionId and q.key = keys.value) from json_each(:keys) keys)`,
    { subscriptionId, keys: JSON.stringify(list) },
  );
}

/** Works out key and place anew for all rows of a subscription, after its order or its members changed. */
export function reorder(connection: Connection, subscriptionId: number, ordered: boolean): void {
  if (!ordered) {
    connection.run('delete from semel_queue where subscription_id = ? and dead_letter_id is not null', subscriptionId);
    connection.run('update semel_queue set key = null, waiting = 0 where subscription_id = ?', subscriptionId);
    return;
  }
  connection.run('update semel_queue set key = (select m.key from semel_messages m where m.seq = semel_queue.seq) where subscription_id = ?', subscriptionId);
  connection.run(
    `update semel_queue set waiting = key is not null and exists (
      select 1 from semel_queue p where p.subscription_id = :subscriptionId and p.key = semel_queue.key and p.position < semel_queue.position)
    where subscription_id = :subscriptionId`,
    { subscriptionId },
  );
}
