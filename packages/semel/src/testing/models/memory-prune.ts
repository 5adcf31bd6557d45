import { type ArchivedMessage, keep } from '../../core/archive.ts';
import { identityKey } from '../../core/message.ts';
import type { Retention, Store } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';
import { discard } from './memory-dead-letters.ts';
import { messageOf, type StoredMessage } from './memory-row.ts';
import type { MemoryState } from './memory-state.ts';

/**
 * Removes what is older than its retention. The record of a message outlives its dead letter, or a late redelivery would run beside a
 * redrive; a dead letter that goes lets its key go on.
 */
export function memoryPrune({ state, write }: MemoryAccess): Store['prune'] {
  return async (retention, { archive } = {}) => {
    const limits = { ...FOR_EVER, ...retention };
    const { inbox, deadLetters, old } = await write((nowMs) => ({ ...pruneRecords(state, limits, nowMs), old: unneeded(state, nowMs - limits.messagesMs) }));
    if (archive !== undefined && old.size > 0) await keep(archive, [...old].map(archivedOf));
    const messages = await write(() => removeWhere(state.messages, (stored) => old.has(stored) && stored.rows === 0));
    return { inbox, messages, deadLetters };
  };
}

const FOR_EVER: Required<Retention> = { inboxMs: Number.POSITIVE_INFINITY, messagesMs: Number.POSITIVE_INFINITY, deadLettersMs: Number.POSITIVE_INFINITY };

function pruneRecords(state: MemoryState, { inboxMs, deadLettersMs }: Required<Retention>, nowMs: number): { readonly inbox: number; readonly deadLetters: number } {
  const expired = [...state.deadLetters.values()].filter(({ letter }) => letter.diedAtMs < nowMs - deadLettersMs);
  for (const burial of expired) discard(state, burial);
  const buried = new Set([...state.deadLetters.values()].map(({ consumer, letter }) => `${consumer}\n${identityKey({ source: letter.source, id: letter.messageId })}`));
  let inbox = 0;
  for (const [consumer, records] of state.inbox) {
    inbox += removeWhere(records, (record, identity) => record.atMs < nowMs - inboxMs && !buried.has(`${consumer}\n${identity}`));
  }
  removeWhere(state.units, (atMs) => atMs < nowMs - inboxMs);
  return { inbox, deadLetters: expired.length };
}

function unneeded(state: MemoryState, beforeMs: number): ReadonlySet<StoredMessage> {
  return new Set([...state.messages.values()].filter(({ rows, publishedAtMs }) => rows === 0 && publishedAtMs < beforeMs));
}

function archivedOf({ sealed, publishedAtMs }: StoredMessage): ArchivedMessage {
  return { message: messageOf(sealed), fingerprint: sealed.fingerprint, publishedAtMs };
}

function removeWhere<Key, Value>(map: Map<Key, Value>, condemned: (value: Value, key: Key) => boolean): number {
  let removed = 0;
  for (const [key, value] of map) {
    if (!condemned(value, key)) continue;
    map.delete(key);
    removed++;
  }
  return removed;
}
