import type { Delivery } from '../../../core/delivery.ts';
import { QueueFeed } from '../../../core/queue-feed.ts';
import type { Runtime } from '../../../core/runtime.ts';
import type { OutboxRoute } from '../../../core/store.ts';
import type { Feed, Settled } from '../../../core/transport.ts';
import type { StreamedQueue } from './streamed-queue.ts';
import type { WalStream } from './wal-stream.ts';

/** How often a process without the slot helps itself all the same: the one that has it may not serve this route, or be stuck. */
const STAND_IN_MS = 5_000;

/**
 * A route's feed in the process that has the slot; in another one it waits for that. Where nobody has it, it is a feed of the table like any other.
 */
export class WalFeed implements Feed {
  readonly #queue: StreamedQueue;
  readonly #table: QueueFeed;
  readonly #stream: WalStream;
  readonly #runtime: Runtime;

  constructor(queue: StreamedQueue, stream: WalStream, { name, leaseMs, turn }: OutboxRoute, runtime: Runtime) {
    this.#queue = queue;
    this.#table = new QueueFeed(queue, name, leaseMs, runtime, turn);
    this.#stream = stream;
    this.#runtime = runtime;
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const moved = new AbortController();
    const end = () => moved.abort();
    signal.addEventListener('abort', end, { once: true });
    const unwatch = this.#stream.onMove(end);
    try {
      if (this.#stream.whereabouts !== 'elsewhere') return await this.#table.receive({ max, signal: moved.signal });
      await this.#runtime.scheduler.sleep(STAND_IN_MS, moved.signal);
      return moved.signal.aborted ? [] : await this.#table.take(max);
    } finally {
      unwatch();
      signal.removeEventListener('abort', end);
    }
  }

  async settle(settled: readonly Settled[]): Promise<void> {
    await this.#table.settle(settled);
    this.#queue.settled(settled.flatMap(({ delivery: { receipt } }) => (receipt.kind === 'item' ? [receipt] : [])));
  }

  extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return this.#table.extend(deliveries);
  }

  close(): Promise<void> {
    return this.#table.close();
  }
}
