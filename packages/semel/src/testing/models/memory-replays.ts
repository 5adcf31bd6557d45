import { identityKey } from '../../core/message.ts';
import type { Replay, ReplayRange, Replays } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';
import type { StoredMessage } from './memory-row.ts';
import { enqueue, type MemoryState } from './memory-state.ts';

/** The replays of a store in memory. */
export function memoryReplays({ state, now, write }: MemoryAccess): Replays {
  return {
    replay: (request) =>
      write((nowMs) => {
        const range = { ...request, toMs: Math.min(request.toMs ?? nowMs, nowMs) };
        const messages = replayable(state, range, nowMs);
        for (const stored of messages) reopen(state, request.consumer, stored, nowMs);
        state.wake();
        const replay: Replay = { ...range, id: state.nextNumber(), atMs: nowMs, messages: messages.length };
        state.replays.push(replay);
        return replay;
      }),
    count: async (range) => replayable(state, range, now()).length,
    list: async ({ consumer } = {}) => state.replays.filter((replay) => consumer === undefined || replay.consumer === consumer),
  };
}

/** Published, and of the range; not waiting in the queue, and not dead. */
function replayable(state: MemoryState, { consumer, fromMs, toMs = Number.POSITIVE_INFINITY, ids }: ReplayRange, nowMs: number): readonly StoredMessage[] {
  const { subscription, queue } = state.subscription(consumer);
  const records = state.records(consumer);
  return [...state.messages.values()].filter((stored) => {
    const { topic, id } = stored.sealed.message;
    const inRange = stored.publishedAtMs >= fromMs && stored.publishedAtMs < Math.min(toMs, nowMs);
    if (topic !== subscription.topic || !inRange || stored.notBeforeMs > nowMs || (ids !== undefined && !ids.includes(id))) return false;
    return !queue.holds(stored) && records.get(identityKey(stored.sealed.message))?.state !== 'dead' && !isBuried(state, consumer, stored);
  });
}

function isBuried(state: MemoryState, consumer: string, { sealed }: StoredMessage): boolean {
  const { source, id } = sealed.message;
  return [...state.deadLetters.values()].some(({ letter, content, ...burial }) => {
    const same = burial.consumer === consumer && letter.source === source && letter.messageId === id;
    return same && 'message' in content && (content.fingerprint ?? sealed.fingerprint) === sealed.fingerprint;
  });
}

function reopen(state: MemoryState, consumer: string, stored: StoredMessage, nowMs: number): void {
  state.records(consumer).delete(identityKey(stored.sealed.message));
  enqueue(state.subscription(consumer).queue, stored, nowMs);
}
