import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { Pool } from 'pg';
import { fromDrizzle, type PostgresOptions } from 'semel/postgres';
import type { TestClient } from '../client.ts';

const sales = pgTable('sales', { id: text().primaryKey(), customer: text().notNull() });
const schema = { sales };

type Transaction = Parameters<Parameters<ReturnType<typeof drizzle<typeof schema>>['transaction']>[0]>[0];

/** Drizzle on pg. */
export function open(url: string, options?: PostgresOptions): TestClient<Transaction> {
  const pool = new Pool({ connectionString: url });
  pool.on('error', () => {}); // a connection that a test has cut
  const db = drizzle(pool, { schema });
  return {
    store: fromDrizzle(db, options),
    sizeOption: 'max',
    insert: (tx, sale) => tx.insert(sales).values(sale),
    customerOf: async (tx, id) => (await tx.query.sales.findFirst({ where: eq(sales.id, id) }))?.customer,
    run: (tx, statement) => tx.execute(sql.raw(statement)),
    transaction: (body) => db.transaction(body),
    nested: (tx, body) => tx.transaction(body),
    close: () => pool.end(),
  };
}
