import knex, { type Knex } from 'knex';
import { fromKnex, type PostgresOptions } from 'semel/postgres';
import type { Sale, TestClient } from '../client.ts';

declare module 'knex/types/tables.js' {
  interface Tables {
    sales: Sale;
  }
}

/** Knex on pg. */
export function open(url: string, options?: PostgresOptions): TestClient<Knex.Transaction> {
  const db = knex({ client: 'pg', connection: url, log: { warn() {} } }); // it tells of each connection that a test has cut;
  return {
    store: fromKnex(db, options),
    sizeOption: 'pool.max',
    insert: (tx, sale) => tx('sales').insert(sale),
    customerOf: async (tx, id) => (await tx('sales').first('customer').where({ id }))?.customer,
    run: (tx, sql) => tx.raw(sql),
    transaction: (body) => db.transaction(body),
    nested: (tx, body) => tx.transaction(body),
    close: () => db.destroy(),
  };
}
