import { isDeepStrictEqual } from 'node:util';
import type { Receipt } from '../../core/delivery.ts';
import { identityKey } from '../../core/message.ts';
import { advancesOf } from '../../core/partition-chain.ts';
import { seal } from '../../core/seal.ts';
import type { Entry } from '../../core/session.ts';
import type { Settlement, WorkItem } from '../../core/store.ts';
import type { KeptContent, MemoryRow, NewRow } from './memory-row.ts';
import type { Burial, MemoryState } from './memory-state.ts';

type Dead = Extract<Settlement, { readonly kind: 'dead' }>;
type Retry = Extract<Settlement, { readonly kind: 'retry' }>;

/** Writes what became of an item, but for the position of its partition. Whether it need not come again. */
export function settleEntry(state: MemoryState, consumer: string, entry: Entry, nowMs: number): boolean {
  if (entry.kind === 'done') settleDone(state, consumer, entry, nowMs);
  else if (entry.kind === 'park') park(state, consumer, entry.item, { dueMs: 0, nowMs });
  else if (entry.settlement.kind === 'dead') bury(state, consumer, entry.item, entry.settlement, nowMs);
  else return retry(state, consumer, entry.item, entry.settlement, nowMs);
  return true;
}

/** Moves the partitions on that the items of a transaction were read from. @param passed those that need not come again */
export function advancePartitions(state: MemoryState, consumer: string, inspected: readonly WorkItem[], passed: ReadonlySet<WorkItem>): void {
  const records = state.partitions(consumer);
  for (const { partition, to } of advancesOf(inspected, passed, (name) => records.get(name)?.position ?? null)) {
    const record = records.get(partition);
    if (record !== undefined) Object.assign(record, { position: to, crashes: 0 });
  }
}

function settleDone(state: MemoryState, consumer: string, entry: Extract<Entry, { kind: 'done' }>, nowMs: number): void {
  const { item } = entry;
  if (entry.recorded && item.message !== undefined) {
    const record = { state: 'done', fingerprint: item.claim?.fingerprint ?? '', atMs: nowMs, ...('result' in entry ? { result: entry.result } : {}) } as const;
    state.records(consumer).set(identityKey(item.message), record);
  }
  takeOut(state, consumer, item.receipt);
}

function retry(state: MemoryState, consumer: string, item: WorkItem, settlement: Retry, nowMs: number): boolean {
  const dueMs = nowMs + Math.ceil(settlement.afterMs);
  if (item.receipt.kind !== 'item') {
    if (settlement.park) park(state, consumer, item, { dueMs, nowMs, settlement });
    return settlement.park;
  }
  const { queue } = state.subscription(consumer);
  const row = queue.find(item.receipt);
  if (row !== undefined) queue.retry(row, dueMs, settlement.failure, settlement.counted);
  state.wake();
  return true;
}

/** Keeps a transport's message in the store's queue, once. Where its identity is another payload's it dies of that. */
function park(state: MemoryState, consumer: string, item: WorkItem, options: { dueMs: number; nowMs: number; settlement?: Retry }): void {
  const { queue } = state.subscription(consumer);
  if (item.message !== undefined && queue.keeps(identityKey(item.message))) return;
  const { settlement, dueMs, nowMs } = options;
  const { attempt, history = [] } = item.delivery;
  if (isTaken(state, item)) {
    const failure = { atMs: nowMs, attempt, code: 'identity-conflict', message: 'it cannot be kept for a retry: its id belongs to another payload' };
    return bury(state, consumer, item, { kind: 'dead', reason: 'identity-conflict', failure, holdKey: false }, nowMs);
  }
  const attempts = attempt - 1 + (settlement?.counted ? 1 : 0);
  queue.park({ ...rowOf(item, nowMs), attempts, history: settlement ? [...history, settlement.failure] : history }, dueMs, nowMs);
  state.wake();
}

/** Whether the item's identity was published with another payload. */
function isTaken(state: MemoryState, { message, claim }: WorkItem): boolean {
  const known = message && state.messages.get(identityKey(message))?.sealed;
  return message !== undefined && known !== undefined && known.fingerprint !== (claim?.fingerprint || seal(message).fingerprint);
}

function bury(state: MemoryState, consumer: string, item: WorkItem, settlement: Dead, nowMs: number): void {
  const { delivery, message, receipt } = item;
  if (message !== undefined && item.claim !== undefined) {
    const records = state.records(consumer);
    const identity = identityKey(message);
    if (!records.has(identity)) records.set(identity, { state: 'dead', fingerprint: item.claim.fingerprint, atMs: nowMs });
  }
  const id = buried(state, consumer, item)?.letter.id ?? state.nextNumber();
  const { ordered } = state.subscription(consumer).subscription;
  const held = settlement.holdKey && ordered && message?.key !== undefined ? hold(state, consumer, item, nowMs) : undefined;
  if (held === undefined) takeOut(state, consumer, receipt);
  const letter = {
    id,
    topic: delivery.topic,
    source: message?.source ?? '',
    messageId: message?.id ?? '',
    ...(message?.key === undefined ? {} : { key: message.key }),
    reason: settlement.reason,
    history: [...(delivery.history ?? []), settlement.failure],
    diedAtMs: nowMs,
  };
  state.deadLetters.set(id, { consumer, letter, content: contentOf(item), ...(held === undefined ? {} : { held }) });
}

/** Where the same message, or the same bytes, died before: one that is delivered again and dies again is one dead letter. */
function buried(state: MemoryState, consumer: string, item: WorkItem): Burial | undefined {
  const { message } = item;
  return [...state.deadLetters.values()].find(({ consumer: of, letter, content }) => {
    if (of !== consumer || letter.source !== (message?.source ?? '') || letter.messageId !== (message?.id ?? '')) return false;
    return isDeepStrictEqual(distinction(content), distinction(contentOf(item)));
  });
}

/** What tells apart those that died under one identity. */
function distinction(content: KeptContent): unknown {
  return 'bytes' in content ? Buffer.from(content.bytes) : (content.fingerprint ?? seal(content.message).fingerprint);
}

/** What arrived, whatever a handler has made of the object. */
function contentOf({ delivery: { content }, message, json, claim }: WorkItem): KeptContent {
  if (message === undefined) return { bytes: 'bytes' in content ? content.bytes : new Uint8Array() };
  const fingerprint = claim?.fingerprint ?? ('message' in content ? content.fingerprint : undefined);
  return { message, json: json ?? seal(message).json, ...(fingerprint === undefined ? {} : { fingerprint }) };
}

/** The row that makes the key wait. */
function hold(state: MemoryState, consumer: string, item: WorkItem, nowMs: number): MemoryRow | undefined {
  const { queue } = state.subscription(consumer);
  const row = item.receipt.kind === 'item' ? queue.find(item.receipt) : queue.add({ ...rowOf(item, nowMs), attempts: 0, history: [] }, 0, nowMs);
  if (row !== undefined) queue.hold(row);
  return row;
}

function takeOut(state: MemoryState, consumer: string, receipt: Receipt): void {
  if (receipt.kind !== 'item') return;
  const { queue } = state.subscription(consumer);
  const row = queue.find(receipt);
  if (row !== undefined) queue.remove(row);
  state.wake();
}

function rowOf(item: WorkItem, nowMs: number): Omit<NewRow, 'attempts' | 'history'> {
  const { delivery, message } = item;
  const row = { topic: delivery.topic, key: message?.key, content: contentOf(item), publishedAtMs: nowMs };
  return message === undefined ? row : { ...row, parkedAs: identityKey(message) };
}
