import { type Connection, OwnStatements } from '../connection.ts';
import { postgresSettings } from '../postgres-options.ts';
import { Sql } from '../sql.ts';

/** How a store's replication slot stands. */
export interface SlotState {
  readonly slot: string;
  /** Whether a process reads it now. */
  readonly active: boolean;
  /** `reserved`, `extended`: all is there. `unreserved`: about to be lost. `lost`: what it still needs was removed; the relay makes a new one. */
  readonly walStatus: 'reserved' | 'extended' | 'unreserved' | 'lost';
  /** Log that was written and is not confirmed yet. */
  readonly behindBytes: number;
  /** Log that the server keeps on its disk for this slot: since the oldest transaction that was open at what is confirmed. */
  readonly retainedBytes: number;
  /** How much more may be written before the slot may be lost; undefined where the server sets no limit (`max_slot_wal_keep_size`). */
  readonly safeBytes?: number;
}

/** The slot of a store, as SQL: slots are named for all databases of a server at once. */
export const SLOT_NAME = "left('semel_' || (select oid from pg_database where datname = current_database()) || '_{s}', 63)";

const STATE = `select slot_name as slot, active, wal_status as "walStatus", safe_wal_size::float8 as "safeBytes",
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::float8 as "behindBytes",
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::float8 as "retainedBytes"
  from pg_replication_slots where slot_name = ${SLOT_NAME}`;

/** How the slot stands; undefined where there is none. Any role may ask. */
export async function slotState(connection: Connection): Promise<SlotState | undefined> {
  const row = await connection.get<Omit<SlotState, 'safeBytes'> & { readonly safeBytes: number | null }>(STATE);
  if (row === undefined) return undefined;
  const { safeBytes, ...state } = row;
  return safeBytes === null ? state : { ...state, safeBytes };
}

/**
 * How the slot of a store's relay stands, for a gauge or an alarm: how far it is behind, and how much of the server's disk it holds.
 * Undefined where there is none: no relay has read the log yet. Any process and role may ask.
 * @param pool of pg, or a client
 * @param options `schema` @default 'semel'
 */
export function postgresSlot(
  pool: { query(text: string): Promise<{ readonly rows: readonly unknown[] }> },
  options: { readonly schema?: string } = {},
): Promise<SlotState | undefined> {
  const query = async <Row>(text: string) => (await pool.query(text)).rows as readonly Row[];
  return slotState(new OwnStatements({ query }, new Sql(postgresSettings('postgresSlot', options).schema)));
}
