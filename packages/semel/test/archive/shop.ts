import pg from 'pg';
import { type Archive, createSemel, type Semel, type StandardSchema, type Store, topic } from 'semel';
import { postgres } from 'semel/postgres';
import { sqlite } from 'semel/sqlite';

const schema: StandardSchema<string> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as string }) } };

/** What the shop publishes. */
export const orders = topic('orders', { schema, id: (id) => id });

/** A service on the store of an address, which keeps messages for a millisecond once they are needed no more. */
export interface Shop {
  readonly semel: Semel;
  close(): Promise<void>;
}

/** @param address of a database of Postgres, or the path of a file of SQLite */
export function shopOn(address: string, archive: Archive): Shop {
  const pool = address.startsWith('postgres') ? new pg.Pool({ connectionString: address }) : undefined;
  const store = (pool === undefined ? sqlite(address) : postgres(pool, { migrate: true })) as Store;
  const semel = createSemel({ name: 'shop', store, archive, retention: { messagesMs: 1 } });
  const close = async () => {
    await semel.close();
    await pool?.end();
  };
  return { semel, close };
}
