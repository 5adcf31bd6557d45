import type { ItemReceipt } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { numberArray } from './driver.ts';

/** Where a row of the queue stands; see the migrations. */
export const LANES = { ready: 0, later: 1, suspect: 2, held: 3, waiting: 4 } as const;

/** Every lane, as an array of SQL. The queue's index has the lane before the number, so whoever looks for a number has to name them. */
export const EVERY_LANE: string = `'{${Object.values(LANES).join()}}'::smallint[]`;

/** The number of a row's message: its own, unless it was put in outside a publish. */
export const messageOfRow = (row: string): string => `coalesce(${row}.message_seq, ${row}.seq)`;

/** A number behind all that were given: messages, and rows that are put in outside a publish, draw from one sequence. */
export const NEXT_NUMBER = "nextval(pg_get_serial_sequence('{s}.messages', 'seq'))";

/** Whether a subscription has no row of a message. */
export const notQueued = (subscription: string, message: string): string => `not exists (
    select 1 from {s}.queue q where q.subscription_id = ${subscription} and q.lane = any(${EVERY_LANE}) and q.seq = ${message})
  and not exists (select 1 from {s}.queue q where q.message_seq = ${message} and q.subscription_id = ${subscription})`;

/** Receipts by fence: those of a batch mostly share one lease. */
export function byFence(receipts: readonly ItemReceipt[]): ReadonlyMap<number, readonly number[]> {
  return new Map([...Map.groupBy(receipts, ({ fence }) => fence)].map(([fence, group]) => [fence, group.map(({ item }) => item)]));
}

/** Takes rows out of their leases; one that is empty then is over. What is another's by now is left alone. */
async function endLeases(connection: Connection, receipts: readonly ItemReceipt[]): Promise<void> {
  for (const [fence, seqs] of byFence(receipts)) {
    await connection.all(SHRINK, fence, numberArray(seqs));
    await connection.all("delete from {s}.leases where lease_id = $1 and seqs = '{}'", fence);
  }
}

const SHRINK = 'update {s}.leases set seqs = array(select unnest(seqs) except select unnest($2::bigint[])) where lease_id = $1';

/** Gives back what was not begun; an attempt that a suspect's lease counted is given back with it. */
export async function releaseRows(connection: Connection, subscriptionId: number, receipts: readonly ItemReceipt[]): Promise<void> {
  for (const [fence, seqs] of byFence(receipts)) await connection.all(UNCOUNT, subscriptionId, fence, numberArray(seqs));
  await endLeases(connection, receipts);
}

/** Removes rows that stay as they are for ever, for their messages are gone. */
export async function removeRows(connection: Connection, subscriptionId: number, receipts: readonly ItemReceipt[]): Promise<void> {
  await connection.all(REMOVE_GONE, subscriptionId, numberArray(receipts.map(({ item }) => item)));
  await endLeases(connection, receipts);
}

const REMOVE_GONE = `delete from {s}.queue q where subscription_id = $1 and lane = any('{${LANES.ready},${LANES.suspect}}') and seq = any($2::bigint[])
  and not exists (select 1 from {s}.messages m where m.seq = ${messageOfRow('q')})`;

const UNCOUNT = `update {s}.queue q set attempts = attempts - 1 from {s}.leases l
  where l.lease_id = $2 and l.subscription_id = $1 and q.subscription_id = $1 and q.lane = ${LANES.suspect} and q.seq = any($3::bigint[]) and q.seq = any(l.seqs)`;

/** A row that is put into the queue of one subscription outside a publish: a parked retry, a held key, a redrive. */
export interface AddedRow {
  readonly subscriptionId: number;
  /** The number of its message. */
  readonly message: number;
  /** Null where its subscription keeps no order. */
  readonly key: string | null;
  /** Null where it is due now. */
  readonly dueMs: number | null;
  readonly attempts?: number;
  readonly history?: string;
  readonly deadLetterId?: number;
}

/** Adds a row behind its key's others; one that is there already stays as it is. */
export async function addRow(connection: Connection, row: AddedRow): Promise<void> {
  const { subscriptionId, message, key, dueMs, attempts = 0, history = null, deadLetterId = null } = row;
  const lane = deadLetterId !== null ? LANES.held : dueMs !== null ? LANES.later : LANES.ready;
  await connection.all(ADD, subscriptionId, message, key, lane, dueMs, attempts, history, deadLetterId);
}

const ADD = `insert into {s}.queue (subscription_id, message_seq, key, lane, due_at_ms, attempts, history, dead_letter_id, parked, seq)
  select $1, $2::bigint, $3, $4::smallint, $5::bigint, $6::int, $7, $8::bigint, true, ${NEXT_NUMBER}
  where ${notQueued('$1', '$2::bigint')}`;

/** After a key is held no more: what waited behind its head is ready. */
export async function freeKeys(connection: Connection, subscriptionId: number, keys: readonly string[]): Promise<void> {
  for (const key of keys)
    await connection.all(`update {s}.queue set lane = ${LANES.ready} where subscription_id = $1 and lane = ${LANES.waiting} and key = $2`, subscriptionId, key);
}
