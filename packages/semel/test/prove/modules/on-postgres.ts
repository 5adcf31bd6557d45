import { Pool } from 'pg';
import { createSemel } from 'semel';
import { type PostgresTransaction, postgres } from 'semel/postgres';
import type { ProveOptions } from 'semel/prove';
import { type Order, orders } from './orders.ts';

/** A database of the test's. */
const connectionString = process.env['PROVE_POSTGRES'];
const consumer = createSemel({ name: 'shop', store: postgres(new Pool({ connectionString })) }).consume(orders, { name: 'payments' }, ({ message, tx }) =>
  charge(message.data, tx),
);

export const proof: ProveOptions<PostgresTransaction> = {
  store: () => {
    const pool = new Pool({ connectionString, pipeline: true });
    pool.on('error', () => {}); // of a connection at rest: the next one is as good
    return postgres(pool, { migrate: true });
  },
  consumer,
  messages: [
    { order: 'A1', cents: 1999 },
    { order: 'B7', cents: 450 },
  ],
  prepare: (db) => db.query('create table if not exists charges (order_id text, cents integer); delete from charges'),
  effect: async (db) => (await db.query('select order_id, cents from charges')).rows,
};

async function charge({ order, cents }: Order, tx: PostgresTransaction): Promise<void> {
  await tx.query('insert into charges (order_id, cents) values ($1, $2)', [order, cents]);
}
