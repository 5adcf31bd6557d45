import type { Outcome, Process } from '../core/delivery.ts';
import { QueueFeed } from '../core/queue-feed.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Queue } from '../core/store.ts';
import type { Consumer } from './consumer.ts';

/** The bounds of a drain. */
export interface DrainOptions {
  /** Milliseconds since 1970: nothing new is begun after it. */
  readonly deadlineMs?: number;
  /** When it aborts, what is not begun is given back. */
  readonly signal?: AbortSignal;
}

/** Handles what is due in a consumer's queue, until nothing is or the time is over; answers with what became of each. */
export async function drainQueue(queue: Queue, consumer: Consumer, process: Process, runtime: Runtime, options: DrainOptions): Promise<readonly Outcome[]> {
  const { groupMax, leaseMs } = consumer.policies;
  const { deadlineMs = Number.POSITIVE_INFINITY, signal } = options;
  const feed = new QueueFeed(queue, consumer.name, leaseMs, runtime);
  const all: Outcome[] = [];
  try {
    while (!signal?.aborted && runtime.clock.now() < deadlineMs) {
      const deliveries = await feed.take(groupMax);
      if (deliveries.length === 0) break;
      const outcomes = await process(deliveries, options);
      await feed.settle(deliveries.map((delivery, index) => ({ delivery, outcome: outcomes[index] ?? { kind: 'released' } })));
      all.push(...outcomes);
      if (outcomes.every(({ kind }) => kind === 'released')) break; // paused, or the store is in trouble
    }
    return all;
  } finally {
    await feed.close();
  }
}
