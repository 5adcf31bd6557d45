import { identityKey } from '../../core/message.ts';
import type { DeadLetter, DeadLetters } from '../../core/store.ts';
import type { Burial, MemoryState } from './memory-state.ts';

/** The dead letters of a {@link MemoryState}. `now` is its store's clock. */
export function memoryDeadLetters(state: MemoryState, now: () => number): DeadLetters {
  return {
    list: async ({ consumer, limit = Number.POSITIVE_INFINITY, afterId = 0 } = {}) =>
      [...state.deadLetters.values()]
        .filter((burial) => burial.letter.id > afterId && (consumer === undefined || burial.consumer === consumer))
        .slice(0, limit)
        .map(letterOf),
    get: async (id) => {
      const burial = state.deadLetters.get(id);
      return burial && letterOf(burial);
    },
    redrive: (id) => state.lock.run(() => take(state, id, (burial) => redrive(state, burial, now()))),
    discard: (id) => state.lock.run(() => take(state, id, (burial) => discard(state, burial))),
  };
}

function letterOf({ consumer, letter }: Burial): DeadLetter {
  return { ...letter, consumer };
}

function take(state: MemoryState, id: number, act: (burial: Burial) => void): boolean {
  const burial = state.deadLetters.get(id);
  if (burial !== undefined) act(burial);
  return burial !== undefined;
}

function redrive(state: MemoryState, burial: Burial, nowMs: number): void {
  const { consumer, letter, content, held } = burial;
  state.deadLetters.delete(letter.id);
  state.wake();
  const { queue } = state.subscription(consumer);
  const identity = letter.messageId === '' ? undefined : identityKey({ source: letter.source, id: letter.messageId });
  const records = state.records(consumer);
  if (identity !== undefined && records.get(identity)?.state === 'dead') records.delete(identity);
  if (held !== undefined) return queue.reopen(held);
  const row = { topic: letter.topic, key: letter.key, content, publishedAtMs: nowMs, attempts: 0, history: [] };
  queue.add(identity === undefined ? row : { ...row, parkedAs: identity }, 0, nowMs);
}

/** Forgets a dead letter; its key goes on. */
export function discard(state: MemoryState, { consumer, letter, held }: Burial): void {
  state.deadLetters.delete(letter.id);
  state.wake();
  if (held !== undefined) state.subscription(consumer).queue.remove(held);
}
