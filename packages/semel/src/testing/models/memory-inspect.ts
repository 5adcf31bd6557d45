import type { Receipt } from '../../core/delivery.ts';
import { identityKey } from '../../core/message.ts';
import type { ItemState } from '../../core/session.ts';
import type { WorkItem } from '../../core/store.ts';
import type { MemoryState } from './memory-state.ts';

type Position = Extract<Receipt, { readonly kind: 'position' }>;

/** What the records of a consumer say of each item, in the items' order. */
export function inspectItems(state: MemoryState, consumer: string, ordered: boolean, items: readonly WorkItem[]): readonly ItemState[] {
  const cursors = new Map<string, string | undefined>();
  return items.map(
    (item) => inspectReceipt(state, consumer, item.receipt, cursors) ?? inspectRecord(state, consumer, item) ?? inspectQueue(state, consumer, ordered, item) ?? FRESH,
  );
}

const FRESH: ItemState = { kind: 'fresh' };
const LOST: ItemState = { kind: 'lost' };

function inspectReceipt(state: MemoryState, consumer: string, receipt: Receipt, cursors: Map<string, string | undefined>): ItemState | undefined {
  if (receipt.kind === 'item') return state.subscriptions.get(consumer)?.queue.find(receipt) ? undefined : LOST;
  return receipt.kind === 'position' ? inspectPosition(state, consumer, receipt, cursors) : undefined;
}

/** The steps of one partition form a chain; `cursors` says how far the items before this one have come. */
function inspectPosition(state: MemoryState, consumer: string, receipt: Position, cursors: Map<string, string | undefined>): ItemState | undefined {
  const { partition, from, to, epoch } = receipt;
  const record = state.positions.get(consumer)?.get(partition);
  if (record === undefined || record.epoch !== epoch) return LOST;
  const position = cursors.has(partition) ? cursors.get(partition) : record.position;
  if (position !== undefined && position !== from) return { kind: 'moved', position };
  cursors.set(partition, to);
  return undefined;
}

function inspectRecord(state: MemoryState, consumer: string, item: WorkItem): ItemState | undefined {
  if (item.claim === undefined || item.message === undefined) return undefined;
  const record = state.inbox.get(consumer)?.get(identityKey(item.message));
  if (record === undefined) return undefined;
  const { fingerprint } = record;
  if (record.state === 'dead') return { kind: 'dead', fingerprint };
  return 'result' in record ? { kind: 'done', fingerprint, result: record.result } : { kind: 'done', fingerprint };
}

/** What a transport brings waits where something of its key is parked in the store's queue. */
function inspectQueue(state: MemoryState, consumer: string, ordered: boolean, { receipt, message }: WorkItem): ItemState | undefined {
  if (!ordered || receipt.kind === 'item' || message?.key === undefined) return undefined;
  return state.subscriptions.get(consumer)?.queue.waits(message.key) ? { kind: 'waiting' } : undefined;
}
