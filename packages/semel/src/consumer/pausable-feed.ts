import type { Delivery } from '../core/delivery.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Registry } from '../core/store.ts';
import type { Feed, Settled } from '../core/transport.ts';

const POLL_MS = 500;

/** A transport's feed that heeds the pause in the service's own store; the store's queue does that by itself. */
export class PausableFeed implements Feed {
  readonly #feed: Feed;
  readonly #registry: Registry;
  readonly #consumer: string;
  readonly #runtime: Runtime;

  constructor(feed: Feed, registry: Registry, consumer: string, runtime: Runtime) {
    this.#feed = feed;
    this.#registry = registry;
    this.#consumer = consumer;
    this.#runtime = runtime;
  }

  async receive(options: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const pausedMs = await this.#pausedMs();
    if (pausedMs > 0) {
      await this.#runtime.scheduler.sleep(Math.min(pausedMs, POLL_MS), options.signal);
      return [];
    }
    const deliveries = await this.#feed.receive(options);
    if (deliveries.length === 0 || !(await this.#isPausedForSure())) return deliveries;
    await this.#feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'released' } }))); // the pause came while it waited
    return [];
  }

  settle(settled: readonly Settled[]): Promise<void> {
    return this.#feed.settle(settled);
  }

  extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return this.#feed.extend(deliveries);
  }

  /** What waits for the end of a pause does not come by itself. */
  async pending(): Promise<number> {
    return (await this.#pausedMs()) > 0 ? 0 : ((await this.#feed.pending?.()) ?? 0);
  }

  close(): Promise<void> {
    return this.#feed.close();
  }

  /** Where the store cannot say, what is in hand goes on: whoever handles it meets the same trouble, and gives it back. */
  #isPausedForSure(): Promise<boolean> {
    return this.#pausedMs().then(
      (pausedMs) => pausedMs > 0,
      () => false,
    );
  }

  async #pausedMs(): Promise<number> {
    return ((await this.#registry.pausedUntilMs(this.#consumer)) ?? 0) - this.#runtime.clock.now();
  }
}
