import { DatabaseSync } from 'node:sqlite';
import type { Kafka } from 'kafkajs';
import { createSemel, type Semel, type StandardSchema, type Topic, topic } from 'semel';
import { kafka } from 'semel/kafka';
import { kafkaTransactions } from 'semel/kafka-transactions';
import { sqlite } from 'semel/sqlite';

/** Money that came in. */
export interface Payment {
  readonly id: string;
  readonly account: string;
  readonly cents: number;
}

/** What an account has received so far: of how many payments, and how much. */
export interface Total {
  readonly account: string;
  readonly payments: number;
  readonly cents: number;
}

/** Where the totals are kept: in a compacted topic, or in a table of an SQLite file. */
export type State = { readonly kind: 'topic'; readonly transactionalId: string } | { readonly kind: 'database'; readonly path: string };

/** The group forgets a process that died, or stands still, soon. */
const SOON = { sessionTimeoutMs: 1_000, heartbeatMs: 200 } as const;
export const DEAD_LETTERS = 'payments-dead';

export const payments: Topic<Payment, Payment> = topic('payments', { schema: schemaOf<Payment>(), id: ({ id }) => id, key: ({ account }) => account, source: 'bank/payments' });
export const totals: Topic<Total, Total> = topic('totals', {
  schema: schemaOf<Total>(),
  id: ({ account, payments: count }) => `${account}/${count}`,
  key: ({ account }) => account,
});

/** A worker that keeps the totals. */
export function worker(client: Kafka, state: State): Pick<Semel, 'start'> {
  return state.kind === 'topic' ? totalsInTopic(client, state.transactionalId) : totalsInDatabase(client, state.path);
}

/** The state of an account is the last total that was published: it, the new one and the position are one transaction of Kafka. */
function totalsInTopic(client: Kafka, transactionalId: string): Pick<Semel, 'start'> {
  const store = kafkaTransactions(client, { transactionalId, transactionTimeoutMs: 5_000, deadLetterTopic: DEAD_LETTERS, remembers: [totals] });
  const route = store.route(SOON);
  const service = createSemel({ name: 'totals', store, routes: { payments: route, totals: route } });
  service.consume(payments, { name: 'sum', publishes: [totals] }, async ({ message: { data }, tx, publish }) => {
    const before = tx.last(totals, data.account);
    await publish(totals, { account: data.account, payments: (before?.payments ?? 0) + 1, cents: (before?.cents ?? 0) + data.cents });
  });
  return service;
}

/** The state is a row: it, the record of the payment and the position are one transaction of SQLite. */
function totalsInDatabase(client: Kafka, path: string): Pick<Semel, 'start'> {
  using db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec('pragma journal_mode = wal; create table if not exists totals (account text primary key, payments integer not null, cents integer not null) strict');
  const service = createSemel({ name: 'totals', store: sqlite(path), routes: { payments: kafka(client, SOON) } });
  service.consume(payments, { name: 'sum' }, ({ message: { data }, tx }) => {
    tx.prepare('insert into totals values (?, 1, ?) on conflict do update set payments = payments + 1, cents = cents + excluded.cents').run(data.account, data.cents);
  });
  return service;
}

function schemaOf<Data>(): StandardSchema<Data, Data> {
  return { '~standard': { version: 1, vendor: 'semel-example', validate: (value) => ({ value: value as Data }) } };
}
