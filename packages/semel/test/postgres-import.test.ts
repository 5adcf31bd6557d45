import pg from 'pg';
import { expect, test } from 'vitest';
import type { StandardSchema } from '../src/core/standard-schema.ts';
import { topic } from '../src/core/topic.ts';
import { createSemel } from '../src/semel.ts';
import { postgres } from '../src/stores/postgres/index.ts';
import { describeWith } from './services/describe-with.ts';
import { database } from './services/postgres.ts';

const schema: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } };
const orders = topic('orders', { schema, id: (id) => id });
const DAY_MS = 86_400_000;

describeWith('postgres', 'importing what was handled before, on Postgres', () => {
  test('makes duplicates of many ids at once, keeps records that are there, and lets each go at its time', async () => {
    await using db = await database();
    const pool = new pg.Pool({ connectionString: db.url });
    const handled: string[] = [];
    const semel = createSemel({ name: 'shop', store: postgres(pool, { migrate: true }), retention: { inboxMs: 30 * DAY_MS } });
    const payments = semel.consume(orders, { name: 'payments' }, ({ message }) => void handled.push(message.data));
    await semel.deliver(payments, 'A1');
    const before = Array.from({ length: 12_000 }, (_, index) => ({ source: 'shop/orders', id: `A${index}`, at: new Date(Date.now() - (index % 2) * 40 * DAY_MS) }));
    expect([await semel.importHandled(payments, before), await semel.importHandled(payments, before)]).toEqual([11_999, 0]);
    expect((await semel.deliver(payments, 'A11999')).map(({ kind }) => kind)).toEqual(['duplicate']);
    expect((await semel.prune()).inbox).toBe(5_999);
    expect((await semel.deliver(payments, 'A11999')).map(({ kind }) => kind)).toEqual(['done']);
    expect(handled).toEqual(['A1', 'A11999']);
    await semel.close();
    await pool.end();
  });
});
