import type { Delivery } from '../../../core/delivery.ts';
import { QueueFeed } from '../../../core/queue-feed.ts';
import type { Runtime } from '../../../core/runtime.ts';
import type { OutboxRoute } from '../../../core/store.ts';
import type { Feed, Settled } from '../../../core/transport.ts';
import type { StreamedQueue } from './streamed-queue.ts';
import type { WalStream } from './wal-stream.ts';

/** How often a process that stands by helps itself all the same: the one that reads the slot may not serve this route, or be stuck. */
const STAND_IN_MS = 5_000;

/** A route's feed from the log, and from the table wherever this process does not read the log. */
export class WalFeed implements Feed {
  readonly #queue: StreamedQueue;
  readonly #feed: QueueFeed;
  readonly #stream: WalStream;
  readonly #runtime: Runtime;
  readonly #standsBy: boolean;
  /** There was work that nobody did. */
  #standsIn = false;

  /** @param standsBy leaves the work to the process that reads the slot, where there is one */
  constructor(queue: StreamedQueue, stream: WalStream, { name, leaseMs, turn }: OutboxRoute, runtime: Runtime, standsBy: boolean) {
    this.#queue = queue;
    this.#feed = new QueueFeed(queue, name, leaseMs, runtime, turn);
    this.#stream = stream;
    this.#runtime = runtime;
    this.#standsBy = standsBy;
  }

  /** Returns early, with nothing, when the slot has changed hands. */
  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener('abort', end, { once: true });
    const unwatch = this.#stream.onMove(end);
    try {
      if (!this.#standsBy || this.#stream.whereabouts !== 'elsewhere') return await this.#feed.receive({ max, signal: over.signal });
      if (!this.#standsIn) await this.#runtime.scheduler.sleep(STAND_IN_MS, over.signal);
      const deliveries = over.signal.aborted ? [] : await this.#feed.take(max);
      this.#standsIn = deliveries.length > 0;
      return deliveries;
    } finally {
      unwatch();
      signal.removeEventListener('abort', end);
    }
  }

  async settle(settled: readonly Settled[]): Promise<void> {
    await this.#feed.settle(settled);
    this.#queue.settled(settled);
  }

  extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return this.#feed.extend(deliveries);
  }

  close(): Promise<void> {
    return this.#feed.close();
  }
}
