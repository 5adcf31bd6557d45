import { Client, type Pool, type PoolClient, type QueryConfig } from 'pg';
import { type Order, placedId } from '../messages.ts';

/** The table of the user's. */
const PAYMENTS_TABLE = `create table shop.payments (
  id bigint generated always as identity primary key, message_id text not null, account int not null, amount int not null, body text not null,
  at timestamptz not null default now())`;

/** What exactly-once takes by hand: a row for what was handled, the effect, and the message that it causes. */
const HAND_TABLES = `create schema shop;
  create table shop.handled (consumer text not null, message_id text not null, at timestamptz not null default now(), primary key (consumer, message_id));
  ${PAYMENTS_TABLE};
  create table shop.outbox (id bigint generated always as identity primary key, topic text not null, key text not null, payload jsonb not null, at timestamptz not null default now())`;

/** Connects one client. */
export async function connected(url: string, options: { readonly pipeline?: boolean } = {}): Promise<Client> {
  const client = new Client({ connectionString: url, ...options });
  await client.connect();
  return client;
}

/** Makes the tables for contenders that do it by hand. */
export function createTables(url: string): Promise<void> {
  return execute(url, HAND_TABLES);
}

/** Makes the user's table alone: the others are Semel's. */
export function createPayments(url: string): Promise<void> {
  return execute(url, `create schema shop; ${PAYMENTS_TABLE}`);
}

async function execute(url: string, sql: string): Promise<void> {
  const client = await connected(url);
  await client.query(sql);
  await client.end();
}

/** One effect; about 230 bytes. */
export function insertPayment(order: Order): QueryConfig {
  return {
    name: 'payment',
    text: 'insert into shop.payments (message_id, account, amount, body) values ($1, $2, $3, $4)',
    values: [placedId(order), order.account, order.amount, order.body],
  };
}

/** The effects of many orders in one statement. */
export function insertPayments(orders: readonly Order[]): QueryConfig {
  return {
    name: 'payments',
    text: 'insert into shop.payments (message_id, account, amount, body) select * from unnest($1::text[], $2::int[], $3::int[], $4::text[])',
    values: [orders.map(placedId), orders.map(({ account }) => account), orders.map(({ amount }) => amount), orders.map(({ body }) => body)],
  };
}

/** The record that an order was handled; no row where there is one. */
export function insertHandled(order: Order): QueryConfig {
  return { name: 'handled', text: `insert into shop.handled (consumer, message_id) values ('payments', $1) on conflict do nothing`, values: [placedId(order)] };
}

/** The same for many; gives the ids that are new. */
export function insertHandledSet(orders: readonly Order[]): QueryConfig {
  return {
    name: 'handled-set',
    text: `insert into shop.handled (consumer, message_id) select 'payments', unnest($1::text[]) on conflict do nothing returning message_id`,
    values: [orders.map(placedId)],
  };
}

/** The message that an order causes. */
export function insertOutbox(order: Order): QueryConfig {
  return { name: 'outbox', text: `insert into shop.outbox (topic, key, payload) values ('receipts', $1, $2)`, values: [String(order.account), JSON.stringify(order)] };
}

/** The same for many. */
export function insertOutboxSet(orders: readonly Order[]): QueryConfig {
  return {
    name: 'outbox-set',
    text: `insert into shop.outbox (topic, key, payload) select 'receipts', * from unnest($1::text[], $2::jsonb[])`,
    values: [orders.map(({ account }) => String(account)), orders.map((order) => JSON.stringify(order))],
  };
}

/** All three rows of one order in one statement, which is its transaction. */
export function handleAtOnce(order: Order): QueryConfig {
  return {
    name: 'at-once',
    text: `with new as (insert into shop.handled (consumer, message_id) values ('payments', $1) on conflict do nothing returning message_id),
      paid as (insert into shop.payments (message_id, account, amount, body) select message_id, $2::int, $3::int, $4::text from new)
      insert into shop.outbox (topic, key, payload) select 'receipts', $5::text, $6::jsonb from new`,
    values: [placedId(order), order.account, order.amount, order.body, String(order.account), JSON.stringify(order)],
  };
}

/** All three rows of many orders in one statement. */
export function handleSet(orders: readonly Order[]): QueryConfig {
  return {
    name: 'set',
    text: `with given as (select * from unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::jsonb[]) as g (id, account, amount, body, payload)),
      new as (insert into shop.handled (consumer, message_id) select 'payments', id from given on conflict do nothing returning message_id),
      paid as (insert into shop.payments (message_id, account, amount, body) select id, account, amount, body from given where id in (select message_id from new))
      insert into shop.outbox (topic, key, payload) select 'receipts', account::text, payload from given where id in (select message_id from new)`,
    values: [
      orders.map(placedId),
      orders.map(({ account }) => account),
      orders.map(({ amount }) => amount),
      orders.map(({ body }) => body),
      orders.map((order) => JSON.stringify(order)),
    ],
  };
}

/** All three rows of one order in a transaction of five statements: how it is mostly written. */
export function handleInFive(client: Client | PoolClient, order: Order): Promise<void> {
  return handleIn(client, order, [insertPayment(order), insertOutbox(order)]);
}

/** Record and effect in a transaction of four. */
export function handleInFour(client: Client | PoolClient, order: Order): Promise<void> {
  return handleIn(client, order, [insertPayment(order)]);
}

async function handleIn(client: Client | PoolClient, order: Order, writes: readonly QueryConfig[]): Promise<void> {
  await client.query('begin');
  if ((await client.query(insertHandled(order))).rowCount === 1) for (const write of writes) await client.query(write);
  await client.query('commit');
}

/** Records and effects of many orders in a transaction of four. */
export async function payInGroup(client: Client | PoolClient, orders: readonly Order[]): Promise<void> {
  await client.query('begin');
  await client.query(insertPayments(await recordNew(client, orders)));
  await client.query('commit');
}

/** Records orders as handled; gives those that were not before. */
export async function recordNew(client: Client | PoolClient, orders: readonly Order[]): Promise<readonly Order[]> {
  const { rows } = await client.query<{ message_id: string }>(insertHandledSet(orders));
  const fresh = new Set(rows.map(({ message_id }) => message_id));
  return orders.filter((order) => fresh.has(placedId(order)));
}

/** {@link handleInFive} on a connection of a pool. */
export async function handleInFiveOf(pool: Pool, order: Order): Promise<void> {
  const client = await pool.connect();
  await handleInFive(client, order);
  client.release();
}
