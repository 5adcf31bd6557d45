import { DatabaseSync } from 'node:sqlite';
import { BODY } from './messages.ts';

/** Rows 1 to `:count`. */
const NUMBERS = 'with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < :count)';

const CONSUMER = "(select subscription_id from semel_subscriptions where name = 'payments')";

/** Records of orders handled before: ids that ascend, below those of every order to come. */
export function fillInbox(path: string, count: number): void {
  fill(path, count, "printf('order-%09d/placed', n)");
}

/** Records with ids that fall anywhere. */
export function fillScatteredInbox(path: string, count: number): void {
  fill(path, count, "lower(hex(randomblob(32))) || '/placed'");
}

function fill(path: string, count: number, id: string): void {
  execute(
    path,
    count,
    `insert into semel_inbox (subscription_id, source, id, state, fingerprint, at_ms) select ${CONSUMER}, 'shop/orders', ${id}, 'done', printf('%043d', n), 0 from numbers order by 3`,
  );
}

/** A backlog of orders, as publishing them leaves it. */
export function fillBacklog(path: string, count: number): void {
  const data = `json_object('account', n % 1000, 'amount', n % 10000, 'body', '${BODY}', 'orderId', printf('order-%09d', n))`;
  execute(
    path,
    count,
    `insert into semel_messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms)
      select 'shop/orders', printf('order-%09d/placed', n), 'orders', 'orders', '2026-01-01T00:00:00.000Z', '{}', ${data}, printf('%043d', n), 0 from numbers`,
  );
}

function execute(path: string, count: number, sql: string): void {
  const database = new DatabaseSync(path);
  try {
    database.prepare(`${NUMBERS} ${sql}`).run({ count });
  } finally {
    database.close();
  }
}
