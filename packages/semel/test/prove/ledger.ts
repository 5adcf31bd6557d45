import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Pool } from 'pg';
import type { Store } from 'semel';
import { type PostgresTransaction, postgres } from 'semel/postgres';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { memory } from 'semel/testing';
import { database } from '../services/postgres.ts';

/** A database with a table of charges, and a client beside Semel's: what differs between databases, for handlers that do not. */
export interface Ledger<Tx = unknown> extends AsyncDisposable {
  store(): Store<Tx>;
  /** Makes the table anew, empty. */
  readonly prepare: (tx: Tx) => unknown;
  charge(tx: Tx, order: string, cents: number): Promise<unknown>;
  charges(tx: Tx): Promise<readonly { readonly order_id: string; readonly cents: number }[]>;
  /** Past the transaction, through a connection of the handler's own. */
  chargeOutside?(order: string, cents: number): Promise<unknown>;
}

const TABLE = 'create table charges (order_id text not null, cents integer not null)';
const INSERT = 'insert into charges (order_id, cents) values';
const SELECT = 'select order_id, cents from charges';

/** How long a handler waits in vain for the lock that its own transaction holds. */
const IMPATIENT_MS = 50;

/** A file. */
export async function sqliteLedger(): Promise<Ledger<SqliteTransaction>> {
  const folder = mkdtempSync(join(tmpdir(), 'semel-prove-'));
  const path = join(folder, 'shop.db');
  const outside = new DatabaseSync(path, { timeout: IMPATIENT_MS });
  return {
    store: () => sqlite(path),
    prepare: (tx) => tx.exec(`drop table if exists charges; ${TABLE} strict`),
    charge: async (tx, order, cents) => tx.prepare(`${INSERT} (?, ?)`).run(order, cents),
    charges: async (tx) => tx.prepare(SELECT).all() as never,
    chargeOutside: async (order, cents) => outside.prepare(`${INSERT} (?, ?)`).run(order, cents),
    [Symbol.asyncDispose]: async () => {
      outside.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A database of its own. */
export async function postgresLedger(): Promise<Ledger<PostgresTransaction>> {
  const db = await database();
  const pool = new Pool({ connectionString: db.url, pipeline: true });
  pool.on('connect', (client) => client.on('error', () => {})); // `end` resolves before the last connection is gone
  await pool.query(TABLE);
  return {
    store: () => postgres(pool, { migrate: true }),
    prepare: (tx) => tx.query('delete from charges'),
    charge: (tx, order, cents) => tx.query(`${INSERT} ($1, $2)`, [order, cents]),
    charges: async (tx) => (await tx.query<{ order_id: string; cents: number }>(SELECT)).rows,
    chargeOutside: (order, cents) => pool.query(`${INSERT} ($1, $2)`, [order, cents]),
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await db.drop();
    },
  };
}

/** Nothing but memory. */
export async function memoryLedger(): Promise<Ledger<Parameters<Parameters<ReturnType<typeof memory>['commit']>[0][0]['run']>[0]['tx']>> {
  const { state } = memory();
  let charged = 0;
  return {
    store: () => memory({ state }),
    prepare: (tx) => {
      for (const [key] of tx.entries()) tx.delete(key);
    },
    charge: async (tx, order, cents) => tx.set(`charge ${charged++}`, { order_id: order, cents }),
    charges: async (tx) => tx.entries('charge').map(([, row]) => row) as never,
    [Symbol.asyncDispose]: async () => {},
  };
}
