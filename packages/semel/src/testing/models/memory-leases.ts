import type { Queue } from '../../core/store.ts';
import { deliveryOf } from './memory-row.ts';
import type { MemoryState } from './memory-state.ts';

/** The queues of a {@link MemoryState}, as workers lease from them. `now` is its store's clock. */
export function memoryLeases(state: MemoryState, now: () => number): Queue {
  return {
    lease: (name, { max, leaseMs }) =>
      state.lock.run(() => {
        const { queue, pausedUntilMs = 0 } = state.subscription(name);
        return pausedUntilMs > now() ? [] : queue.lease(max, leaseMs, now()).map(deliveryOf);
      }),
    // Without the lock: what a lease protects must be prolonged while its own transaction holds the lock.
    extend: async (name, items, leaseMs) => {
      const { queue } = state.subscription(name);
      return items.filter((item) => {
        const row = queue.find(item);
        if (row !== undefined) queue.extend(row, now() + leaseMs);
        return row === undefined;
      });
    },
    release: (name, items) =>
      state.lock.run(() => {
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
