import { Pool } from 'pg';
import { createSemel, type Store, topic } from 'semel';
import { proveOnce } from 'semel/prove';
import { memory } from 'semel/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { TestClient } from '../clients/client.ts';
import { CUSTOMER, TABLES } from '../clients/client.ts';
import { describeWith } from '../services/describe-with.ts';
import { database, type TestDatabase } from '../services/postgres.ts';

const sales = topic('sales', { schema: z.object({ id: z.string() }), id: ({ id }) => id });

/** What the libraries hand to a handler is watched by way of a proxy, and they have to bear it. */
describeWith('postgres', 'proveOnce with a library', () => {
  let db: TestDatabase;
  let admin: Pool;

  beforeAll(async () => {
    db = await database();
    admin = new Pool({ connectionString: db.url });
    admin.on('connect', (client) => client.on('error', () => {})); // `end` resolves before the last connection is gone
    await admin.query(TABLES);
  });
  afterAll(async () => {
    await admin.end();
    await db.drop();
  });

  test.each([
    ['pg', 2],
    ['postgres-js', 3], // the values of an insert are made with it too
    ['drizzle', 1], // what stands in `tx.query` is not seen
    ['kysely', 2],
    ['knex', 2],
  ] as const)('proves a handler of %s, and a death before each of its statements', async (library, uses) => {
    const { open } = (await import(`../clients/libraries/${library}.ts`)) as { readonly open: (url: string, options: object) => TestClient };
    const client = open(db.url, { migrate: true });
    const consumer = createSemel({ name: 'shop', store: memory() as unknown as Store }).consume(sales, { name: 'sell' }, async ({ message, tx }) => {
      await client.insert(tx, { id: message.data.id, customer: CUSTOMER });
      await client.customerOf(tx, message.data.id);
    });
    const report = await proveOnce({
      store: client.store,
      consumer,
      messages: [{ id: 'A1' }, { id: 'B7' }],
      prepare: () => admin.query('delete from sales'),
      effect: async () => (await admin.query('select id from sales')).rows,
    });
    await client.close();
    expect(`${report}`).toContain('sell on postgres: proven');
    const statements = report.cells.filter(({ fault, step }) => fault === 'crash' && step.startsWith('statement'));
    expect(statements.map(({ hits }) => hits)).toEqual(Array.from({ length: 2 * uses }, () => 1)); // of two messages
    expect(report.facts).toMatchObject({ control: 'refused', notes: [expect.stringContaining('the database itself refuses a second effect')] });
  });
});
