import { identityKey } from '../../core/message.ts';
import type { Inbox } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';

/** The records of a store in memory. */
export function memoryInbox({ state, write }: MemoryAccess): Inbox {
  return {
    get: async (consumer, identity) => state.inbox.get(consumer)?.get(identityKey(identity)),
    import: (consumer, given) =>
      write((nowMs) => {
        const records = state.records(consumer);
        const before = records.size;
        for (const { fingerprint = '', atMs = nowMs, ...identity } of given) {
          const key = identityKey(identity);
          if (!records.has(key)) records.set(key, { state: 'done', fingerprint, atMs: Math.min(atMs, nowMs) });
        }
        return records.size - before;
      }),
  };
}
