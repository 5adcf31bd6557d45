import type { Receipt } from '../../core/delivery.ts';
import { identityKey } from '../../core/message.ts';
import { PartitionChains, type PartitionRow } from '../../core/partition-chain.ts';
import type { ItemState } from '../../core/session.ts';
import type { WorkItem } from '../../core/store.ts';
import type { MemoryState } from './memory-state.ts';

/** What the records of a consumer say of each item, in the items' order. */
export function inspectItems(state: MemoryState, consumer: string, items: readonly WorkItem[]): readonly ItemState[] {
  const chains = new PartitionChains(partitionRows(state, consumer, items));
  return items.map((item) => inspectReceipt(state, consumer, item.receipt, chains) ?? inspectRecord(state, consumer, item) ?? inspectQueue(state, consumer, item) ?? FRESH);
}

const FRESH: ItemState = { kind: 'fresh' };
const LOST: ItemState = { kind: 'lost' };

function inspectReceipt(state: MemoryState, consumer: string, receipt: Receipt, chains: PartitionChains): ItemState | undefined {
  if (receipt.kind === 'item') return state.subscriptions.get(consumer)?.queue.find(receipt) ? undefined : LOST;
  return receipt.kind === 'position' ? chains.follow(receipt) : undefined;
}

/** The rows of the partitions that the items were read from. */
function partitionRows(state: MemoryState, consumer: string, items: readonly WorkItem[]): readonly PartitionRow[] {
  const partitions = new Set(items.flatMap(({ receipt }) => (receipt.kind === 'position' ? [receipt.partition] : [])));
  return [...partitions].flatMap((partition) => {
    const record = state.partitions(consumer).get(partition);
    return record === undefined ? [] : [{ partition, epoch: record.epoch, position: record.position ?? null }];
  });
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
function inspectQueue(state: MemoryState, consumer: string, { receipt, message }: WorkItem): ItemState | undefined {
  const subscription = state.subscriptions.get(consumer);
  if (!subscription?.subscription.ordered || receipt.kind === 'item' || message?.key === undefined) return undefined;
  return subscription.queue.waits(message.key) ? { kind: 'waiting' } : undefined;
}
