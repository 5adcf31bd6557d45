import { PartitionChains } from '../../core/partition-chain.ts';
import type { ItemState } from '../../core/session.ts';
import type { ItemReceipt, WorkItem } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { partitionRows } from './positions.ts';
import type { SubscriptionRow } from './subscriptions.ts';

/** What the records say of each item, under the write lock; as a set, in a few statements. */
export function inspectItems(connection: Connection, subscription: SubscriptionRow, items: readonly WorkItem[]): readonly ItemState[] {
  const { subscriptionId } = subscription;
  const fences = fencesOf(connection, subscriptionId, items);
  const recorded = recordsOf(connection, subscriptionId, items);
  const partitions = new PartitionChains(partitionRows(connection, subscriptionId, items));
  const waiting = subscription.ordered === 1 && hasKeys(connection, subscriptionId);
  return items.map((item) => {
    const { receipt } = item;
    if (receipt.kind === 'item' && fences.get(receipt.item) !== receipt.fence) return { kind: 'lost' };
    const broken = receipt.kind === 'position' ? partitions.follow(receipt) : undefined;
    if (broken !== undefined) return broken;
    return recorded(item) ?? (waiting && receipt.kind !== 'item' && isKeyQueued(connection, subscriptionId, item) ? { kind: 'waiting' } : FRESH);
  });
}

const FRESH: ItemState = { kind: 'fresh' };

function fencesOf(connection: Connection, subscriptionId: number, items: readonly WorkItem[]): ReadonlyMap<number, number> {
  const positions = items.flatMap(({ receipt }) => (receipt.kind === 'item' ? [(receipt as ItemReceipt).item] : []));
  if (positions.length === 0) return new Map();
  const rows = connection.all<{ position: number; fence: number }>(
    'select position, fence from semel_queue where subscription_id = ? and position in (select value from json_each(?))',
    subscriptionId,
    JSON.stringify(positions),
  );
  return new Map(rows.map(({ position, fence }) => [position, fence]));
}

interface RecordRow {
  readonly id: string;
  readonly state: 'done' | 'dead';
  readonly fingerprint: string;
  readonly result: string | null;
}

/** The records of the items that keep one, by source and id: a statement per source, and a group mostly has one source. */
function recordsOf(connection: Connection, subscriptionId: number, items: readonly WorkItem[]): (item: WorkItem) => ItemState | undefined {
  const idsBySource = new Map<string, string[]>();
  for (const { message, claim } of items) {
    if (message === undefined || claim === undefined) continue;
    const ids = idsBySource.get(message.source);
    if (ids === undefined) idsBySource.set(message.source, [message.id]);
    else ids.push(message.id);
  }
  const states = new Map<string, Map<string, ItemState>>();
  for (const [source, ids] of idsBySource) {
    const rows = selectRecords(connection, subscriptionId, source, ids);
    if (rows.length > 0) states.set(source, new Map(rows.map((row) => [row.id, stateOf(row)])));
  }
  return ({ message, claim }) => (message === undefined || claim === undefined || states.size === 0 ? undefined : states.get(message.source)?.get(message.id));
}

const RECORDS = 'select id, state, fingerprint, result from semel_inbox where subscription_id = ? and source = ?';
const RECORD_OF_ONE = `${RECORDS} and id = ?`;
const RECORDS_OF_SEVERAL = `${RECORDS} and id in (select value from json_each(?))`;

/** A message alone is common, and to read a list of one costs more than the look-up. */
function selectRecords(connection: Connection, subscriptionId: number, source: string, ids: readonly string[]): readonly RecordRow[] {
  const [id] = ids;
  if (ids.length === 1 && id !== undefined) return connection.all<RecordRow>(RECORD_OF_ONE, subscriptionId, source, id);
  return connection.all<RecordRow>(RECORDS_OF_SEVERAL, subscriptionId, source, JSON.stringify(ids));
}

function stateOf({ state, fingerprint, result }: RecordRow): ItemState {
  return state === 'dead' || result === null ? { kind: state, fingerprint } : { kind: state, fingerprint, result: JSON.parse(result) };
}

function hasKeys(connection: Connection, subscriptionId: number): boolean {
  return connection.get('select 1 from semel_queue where subscription_id = ? and key is not null limit 1', subscriptionId) !== undefined;
}

function isKeyQueued(connection: Connection, subscriptionId: number, item: WorkItem): boolean {
  const key = item.message?.key;
  return key !== undefined && connection.get('select 1 from semel_queue where subscription_id = ? and key = ? limit 1', subscriptionId, key) !== undefined;
}
