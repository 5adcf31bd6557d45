import type { Queue } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';
import { deliveryOf } from './memory-row.ts';

/** The queues of a store in memory, as workers lease from them. */
export function memoryLeases({ state, now, write }: MemoryAccess): Queue {
  return {
    lease: (name, { max, leaseMs, suspects }) =>
      write((nowMs) => {
        const { queue, pausedUntilMs = 0 } = state.subscription(name);
        return pausedUntilMs > nowMs ? [] : queue.lease({ max, leaseMs, suspects, nowMs }).map(deliveryOf);
      }),
    // Without the lock: what a lease protects must be prolonged while its own transaction holds the lock.
    extend: async (name, items, leaseMs) => {
      const endMs = now() + leaseMs;
      const { queue } = state.subscription(name);
      return items.filter((item) => {
        const row = queue.find(item);
        if (row !== undefined) queue.extend(row, endMs);
        return row === undefined;
      });
    },
    release: (name, items) =>
      write(() => {
        const queue = state.subscriptions.get(name)?.queue;
        for (const item of [...items].reverse()) {
          const row = queue?.find(item);
          if (row !== undefined) queue?.release(row);
        }
        state.wake();
      }),
    nextDueMs: async (name) => {
      const { queue, pausedUntilMs = 0 } = state.subscription(name);
      const dueMs = queue.nextDueMs(now());
      if (dueMs === undefined || pausedUntilMs === Number.POSITIVE_INFINITY) return undefined;
      return Math.max(dueMs, pausedUntilMs);
    },
    watch: (wake) => state.watch(wake),
  };
}
