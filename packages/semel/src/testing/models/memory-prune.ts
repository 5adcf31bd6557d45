import { identityKey } from '../../core/message.ts';
import type { PruneReport, Retention } from '../../core/store.ts';
import { discard } from './memory-dead-letters.ts';
import type { MemoryState } from './memory-state.ts';

/**
 * Removes what is older than its retention. The record of a message outlives its dead letter, or a late redelivery would run beside a
 * redrive; a dead letter that goes lets its key go on.
 */
export function pruneState(state: MemoryState, retention: Partial<Retention>, nowMs: number): PruneReport {
  const { inboxMs = Number.POSITIVE_INFINITY, messagesMs = Number.POSITIVE_INFINITY, deadLettersMs = Number.POSITIVE_INFINITY } = retention;
  const expired = [...state.deadLetters.values()].filter(({ letter }) => letter.diedAtMs < nowMs - deadLettersMs);
  for (const burial of expired) discard(state, burial);
  const buried = new Set([...state.deadLetters.values()].map(({ consumer, letter }) => `${consumer}\n${identityKey({ source: letter.source, id: letter.messageId })}`));
  let inbox = 0;
  for (const [consumer, records] of state.inbox) {
    inbox += removeWhere(records, (record, identity) => record.atMs < nowMs - inboxMs && !buried.has(`${consumer}\n${identity}`));
  }
  const messages = removeWhere(state.messages, (stored) => stored.rows === 0 && stored.publishedAtMs < nowMs - messagesMs);
  removeWhere(state.units, (atMs) => atMs < nowMs - inboxMs);
  return { inbox, messages, deadLetters: expired.length };
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
