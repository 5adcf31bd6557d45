import type { ItemReceipt } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { lastPosition, letHeadsGo } from './key-order.ts';

/** Due so late that it never is: the head of a key that waits for a decision about its dead letter. */
export const HELD_MS: number = Number.MAX_SAFE_INTEGER;

/** Receipts by fence: those of a batch mostly share one, so a statement per fence checks them all. */
export function byFence(receipts: readonly ItemReceipt[]): ReadonlyMap<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const { item, fence } of receipts) {
    const group = groups.get(fence);
    if (group === undefined) groups.set(fence, [item]);
    else group.push(item);
  }
  return groups;
}

/** Ends the leases of rows that were not begun, and with them their fences; an attempt that a suspect's lease counted is given back. What is another's by now is left alone. */
export function releaseRows(connection: Connection, subscriptionId: number, receipts: readonly ItemReceipt[]): void {
  for (const [fence, positions] of byFence(receipts)) {
    connection.run(
      `update semel_queue set lease_until_ms = null, fence = fence + 1, attempts = attempts - suspect
        where subscription_id = ? and fence = ? and lease_until_ms is not null and position in (select value from json_each(?))`,
      subscriptionId,
      fence,
      JSON.stringify(positions),
    );
  }
}

/** A row that is put into the queue of one subscription outside a publish: a parked retry, a held key, a redrive. */
export interface AddedRow {
  readonly subscriptionId: number;
  readonly seq: number;
  /** Null where its subscription keeps no order. */
  readonly key: string | null;
  readonly dueMs: number;
  readonly attempts?: number;
  readonly history?: string;
  readonly deadLetterId?: number;
}

/** Adds a row behind its key's others; one that is there already stays as it is. */
export function addRow(connection: Connection, row: AddedRow): void {
  const before = lastPosition(connection);
  const added = connection.run(
    `insert into semel_queue (subscription_id, seq, key, waiting, due_at_ms, attempts, history, dead_letter_id) values (?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (seq, subscription_id) do nothing`,
    row.subscriptionId,
    row.seq,
    row.key,
    row.key === null ? 0 : 1,
    row.dueMs,
    row.attempts ?? 0,
    row.history ?? null,
    row.deadLetterId ?? null,
  );
  if (added > 0 && row.key !== null) letHeadsGo(connection, before);
}
