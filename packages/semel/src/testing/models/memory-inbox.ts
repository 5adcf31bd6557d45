import { identityKey } from '../../core/message.ts';
import type { Inbox } from '../../core/store.ts';
import type { MemoryState } from './memory-state.ts';

/** The records of a {@link MemoryState}. `now` is its store's clock. */
export function memoryInbox(state: MemoryState, now: () => number): Inbox {
  return {
    get: async (consumer, identity) => state.inbox.get(consumer)?.get(identityKey(identity)),
    import: (consumer, given) =>
      state.lock.run(() => {
        const records = state.records(consumer);
        const before = records.size;
        for (const { fingerprint = '', ...identity } of given) {
          const key = identityKey(identity);
          if (!records.has(key)) records.set(key, { state: 'done', fingerprint, atMs: now() });
        }
        return records.size - before;
      }),
  };
}
