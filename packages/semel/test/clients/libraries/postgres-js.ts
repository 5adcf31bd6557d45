import postgres, { type TransactionSql } from 'postgres';
import { fromPostgresJs, type PostgresOptions } from 'semel/postgres';
import type { Sale, TestClient } from '../client.ts';

/** postgres.js, made to rename columns and to read bigints as such: Semel must not mind. */
export function open(url: string, options?: PostgresOptions): TestClient<TransactionSql<{ bigint: bigint }>> {
  const sql = postgres(url, { transform: postgres.camel, types: { bigint: postgres.BigInt }, onnotice() {} });
  return {
    store: fromPostgresJs(sql, options),
    sizeOption: 'max',
    insert: (tx, sale) => tx`insert into sales ${tx(sale)}`,
    customerOf: async (tx, id) => (await tx<Sale[]>`select customer from sales where id = ${id}`)[0]?.customer,
    run: (tx, text) => tx.unsafe(text),
    transaction: (body) => sql.begin(body),
    nested: (tx, body) => tx.savepoint(body),
    close: () => sql.end({ timeout: 1 }), // without a limit it would wait for ever for a connection that a test has cut
  };
}
