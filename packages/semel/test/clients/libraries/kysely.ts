import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool } from 'pg';
import { fromKysely, type PostgresOptions } from 'semel/postgres';
import type { Sale, TestClient } from '../client.ts';

/** The user's schema. */
interface Database {
  readonly sales: Sale;
  readonly customers: { readonly id: string };
}

const kysely = (pool: Pool): Kysely<Database> => new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });

/** Kysely on pg. */
export function open(url: string, options?: PostgresOptions): TestClient<Transaction<Database>> {
  const pool = new Pool({ connectionString: url });
  pool.on('error', () => {}); // a connection that a test has cut
  const db = kysely(pool);
  return {
    store: fromKysely(pool, kysely, options),
    sizeOption: 'max',
    insert: (tx, sale) => tx.insertInto('sales').values(sale).execute(),
    customerOf: async (tx, id) => (await tx.selectFrom('sales').select('customer').where('id', '=', id).executeTakeFirst())?.customer,
    run: (tx, text) => sql.raw(text).execute(tx),
    transaction: (body) => db.transaction().execute(body),
    close: () => db.destroy(),
  };
}
