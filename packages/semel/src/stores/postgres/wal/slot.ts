import { type Lsn, parseLsn } from './lsn.ts';
import type { ReplicationClient } from './replication.ts';

/** A slot that can be read. */
export interface Slot {
  /** What became of it when it was looked for. */
  readonly fate: 'found' | 'made' | 'replaced';
  /** Everything before this place is confirmed. */
  readonly lsn: Lsn;
}

/**
 * Makes sure that there is a slot to be read. One that was lost is dropped, and a new one begins where the log stands now.
 * @param renew whether one that looks sound is of no use either
 */
export async function ensureSlot(client: ReplicationClient, slot: string, renew: boolean): Promise<Slot> {
  const found = (await client.query(`select wal_status = 'lost' as lost, confirmed_flush_lsn as lsn from pg_replication_slots where slot_name = '${slot}'`)).rows[0];
  if (found !== undefined && !found.lost && !renew) return { fate: 'found', lsn: parseLsn(found.lsn) };
  if (found !== undefined) await client.query(`select pg_drop_replication_slot('${slot}')`);
  const made = (await client.query(`select lsn from pg_create_logical_replication_slot('${slot}', 'pgoutput')`)).rows[0];
  return { fate: found === undefined ? 'made' : 'replaced', lsn: parseLsn(made.lsn) };
}
