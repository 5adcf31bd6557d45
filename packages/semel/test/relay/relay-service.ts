import { Pool } from 'pg';
import * as replication from 'pg-logical-replication';
import { createSemel, type Semel } from 'semel';
import { type PostgresOptions, postgres } from 'semel/postgres';
import { orders } from './orders.ts';
import { sinkTransport } from './sink-transport.ts';

/** How the relays of these tests learn what there is to relay. */
export type Mode = 'poll' | 'wal' | 'both';

/** Short enough that a test can wait for one to run out, and long enough that a live relay prolongs it on a busy machine. */
const LEASE_MS = 2_000;

/** Options of a store whose relays work in this mode. */
export function storeOptions(mode: Mode, url: string, notify: boolean): PostgresOptions {
  if (mode === 'poll') return { notify, relay: { mode } };
  return { notify, relay: { mode, replication, connection: { connectionString: url } } };
}

/** Connections to a server that may crash. */
export function poolOf(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 5 });
  pool.on('error', () => {}); // of one that nobody uses
  return pool;
}

/** A service that relays orders to a sink. */
export function relayService(url: string, mode: Mode, port: number, name: string, options: { readonly notify?: boolean; readonly pool?: Pool } = {}): Semel<unknown> {
  const pool = options.pool ?? poolOf(url);
  const store = postgres(pool, storeOptions(mode, url, options.notify ?? false));
  return createSemel({ name: 'shop', store, routes: { [orders.name]: sinkTransport(port, name) }, relay: { leaseMs: LEASE_MS, max: 20 } }) as Semel<unknown>;
}
