import { SemelError } from '../../core/errors.ts';
import { identityKey } from '../../core/message.ts';
import type { DeadLetter, DeadLetters } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';
import { messageOf } from './memory-row.ts';
import type { Burial, MemoryState } from './memory-state.ts';

/** The dead letters of a store in memory. */
export function memoryDeadLetters({ state, write }: MemoryAccess): DeadLetters {
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
    redrive: (id) => write((nowMs) => take(state, id, (burial) => redrive(state, burial, nowMs))),
    discard: (id) => write(() => take(state, id, (burial) => discard(state, burial))),
  };
}

function letterOf({ consumer, letter, content }: Burial): DeadLetter {
  return { ...letter, consumer, ...('message' in content ? { message: messageOf(content) } : content) };
}

function take(state: MemoryState, id: number, act: (burial: Burial) => void): boolean {
  const burial = state.deadLetters.get(id);
  if (burial !== undefined) act(burial);
  return burial !== undefined;
}

function redrive(state: MemoryState, { consumer, letter, content, held }: Burial, nowMs: number): void {
  if (!('message' in content)) throw refused(letter, 'its bytes cannot be decoded');
  if (letter.reason === 'identity-conflict') throw refused(letter, 'its id belongs to another payload');
  state.deadLetters.delete(letter.id);
  state.wake();
  const { queue } = state.subscription(consumer);
  const identity = identityKey(content.message);
  state.records(consumer).delete(identity);
  if (held !== undefined) queue.reopen(held);
  else queue.add({ topic: letter.topic, key: letter.key, content, publishedAtMs: nowMs, attempts: 0, history: [], parkedAs: identity }, 0, nowMs);
}

function refused({ id, reason }: Burial['letter'], why: string): SemelError {
  return new SemelError('not-redrivable', `dead letter ${id} cannot be redriven: ${why}`, { details: { id, reason } });
}

/** Forgets a dead letter; its key goes on. */
export function discard(state: MemoryState, { consumer, letter, held }: Burial): void {
  state.deadLetters.delete(letter.id);
  state.wake();
  if (held !== undefined) state.subscription(consumer).queue.remove(held);
}
