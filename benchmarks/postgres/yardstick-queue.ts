import type { Client, QueryConfig } from 'pg';
import { type Order, ordersFrom, placedId } from '../messages.ts';
import { connected, createTables } from './tables.ts';

/** A message in the queue of the yardstick. */
export interface Queued extends Order {
  readonly id: string;
}

const QUEUE_TABLE = `create table shop.queue (id bigint generated always as identity primary key, order_id text not null, message_id text not null, account int not null,
  amount int not null, body text not null, locked_until timestamptz not null default '-infinity')`;

const COLUMNS = 'id, order_id as "orderId", account, amount, body';

/** Takes messages within the transaction that handles them. */
const CLAIM = `delete from shop.queue where id = any(array(select id from shop.queue order by id limit $1 for update skip locked)) returning ${COLUMNS}`;

/** Takes messages for a minute; whoever handles one removes it. */
const LEASE = `update shop.queue set locked_until = now() + interval '1 minute'
  where id = any(array(select id from shop.queue where locked_until < now() order by id limit $1 for update skip locked)) returning ${COLUMNS}`;

/** Makes the tables, and fills the queue. */
export async function fillQueue(url: string, first: number, count: number): Promise<void> {
  await createTables(url);
  const client = await connected(url);
  await client.query(QUEUE_TABLE);
  for (let at = 0; at < count; at += 1000) await client.query(enqueue(ordersFrom(first + at, Math.min(1000, count - at))));
  await client.end();
}

/** Puts orders into the queue. */
export function enqueue(orders: readonly Order[]): QueryConfig {
  return {
    name: 'enqueue',
    text: 'insert into shop.queue (order_id, message_id, account, amount, body) select * from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::text[])',
    values: [orders.map(({ orderId }) => orderId), orders.map(placedId), orders.map(({ account }) => account), orders.map(({ amount }) => amount), orders.map(({ body }) => body)],
  };
}

/** Takes up to `max` messages; they are gone with the commit. */
export async function claim(client: Client, max: number): Promise<readonly Order[]> {
  return (await client.query<Order>({ name: 'claim', text: CLAIM, values: [max] })).rows;
}

/** Takes up to `max` messages, which stay until they are handled. */
export async function lease(client: Client, max: number): Promise<readonly Queued[]> {
  return (await client.query<Queued>({ name: 'lease', text: LEASE, values: [max] })).rows;
}

/** Removes a message that was leased. */
export function removeLeased({ id }: Queued): QueryConfig {
  return { name: 'remove', text: 'delete from shop.queue where id = $1', values: [id] };
}
