import type { Delivery } from './delivery.ts';
import type { Runtime } from './runtime.ts';
import type { ItemReceipt, Queue } from './store.ts';
import type { Feed, Settled } from './transport.ts';

const POLL_MS = 500;
const SHORT_WAIT_MS = 5;

/**
 * The store's own queue as a feed: durable, settled in the effect's transaction. Polling is the truth; the store's wake-up only
 * ends a wait early.
 */
export class QueueFeed implements Feed {
  readonly #queue: Queue;
  readonly #subscription: string;
  readonly #leaseMs: number;
  readonly #runtime: Runtime;
  readonly #unwatch: () => void;
  #wakes = 0;
  #ring: () => void = () => {};

  constructor(queue: Queue, subscription: string, leaseMs: number, runtime: Runtime) {
    this.#queue = queue;
    this.#subscription = subscription;
    this.#leaseMs = leaseMs;
    this.#runtime = runtime;
    this.#unwatch = queue.watch(() => {
      this.#wakes += 1;
      this.#ring();
    });
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    while (!signal.aborted) {
      const wakes = this.#wakes;
      const dueMs = await this.#queue.nextDueMs(this.#subscription);
      const inMs = (dueMs ?? Number.POSITIVE_INFINITY) - this.#runtime.clock.now();
      if (inMs <= 0) {
        const deliveries = await this.#queue.lease(this.#subscription, { max, leaseMs: this.#leaseMs });
        if (deliveries.length > 0) return deliveries;
      }
      if (wakes === this.#wakes) await this.#wait(inMs <= 0 ? SHORT_WAIT_MS : Math.min(inMs, POLL_MS), signal);
    }
    return [];
  }

  /** Everything that was begun is settled by its own transaction; what is left is given back. */
  async settle(settled: readonly Settled[]): Promise<void> {
    const unbegun = settled.filter(({ outcome }) => outcome.kind === 'released' || outcome.kind === 'held');
    if (unbegun.length > 0) await this.#queue.release(this.#subscription, itemsOf(unbegun.map(({ delivery }) => delivery)));
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const lost = new Set((await this.#queue.extend(this.#subscription, itemsOf(deliveries), this.#leaseMs)).map(({ item }) => item));
    return deliveries.filter(({ receipt }) => receipt.kind === 'item' && lost.has(receipt.item));
  }

  async close(): Promise<void> {
    this.#unwatch();
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#ring = () => woken.abort();
    const stop = () => woken.abort();
    signal.addEventListener('abort', stop, { once: true });
    return this.#runtime.scheduler.sleep(ms, woken.signal).finally(() => signal.removeEventListener('abort', stop));
  }
}

function itemsOf(deliveries: readonly Delivery[]): readonly ItemReceipt[] {
  return deliveries.flatMap(({ receipt }) => (receipt.kind === 'item' ? [receipt] : []));
}
