import type { ReplicationClient } from './replication.ts';

/** What became of the slot when it was looked for. */
export type SlotFound = 'found' | 'made' | 'replaced';

/**
 * Makes sure that there is a slot to be read. One that was lost is dropped, and a new one begins where the log stands now.
 * @param renew whether one that looks sound is of no use either
 */
export async function ensureSlot(client: ReplicationClient, slot: string, renew: boolean): Promise<SlotFound> {
  const { rows } = await client.query(`select wal_status = 'lost' as lost from pg_replication_slots where slot_name = '${slot}'`);
  const [found] = rows as readonly { readonly lost: boolean }[];
  if (found !== undefined && !found.lost && !renew) return 'found';
  if (found !== undefined) await client.query(`select pg_drop_replication_slot('${slot}')`);
  await client.query(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  return found === undefined ? 'made' : 'replaced';
}
