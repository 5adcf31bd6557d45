import type { Message } from 'semel';
import type { Order } from './messages.ts';

/** The effect: a table of the user's. */
export const BUSINESS_TABLE =
  'create table payments (id integer primary key, message_id text not null, account integer not null, amount integer not null, body text not null, at_ms integer not null)';

/** One effect; about 230 bytes. */
export const INSERT_PAYMENT = 'insert into payments (message_id, account, amount, body, at_ms) values (?, ?, ?, ?, ?)';

/** What is bound to {@link INSERT_PAYMENT}. */
export function paymentOf({ id, data }: Message<Order>, atMs: number): readonly [string, number, number, string, number] {
  return [id, data.account, data.amount, data.body, atMs];
}
