import type { Delivery, Outcome } from '../core/delivery.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Feed } from '../core/transport.ts';

/** Outcomes of a queue's item that were written in its own transaction. */
const SETTLED: ReadonlySet<Outcome['kind']> = new Set(['done', 'duplicate', 'dead', 'parked', 'retry', 'lost']);

/** Heartbeats come up to this part early, so that those of workers that began together do not stay together. */
const JITTER = 0.1;

/**
 * What a worker has in hand of one receive. Prolonged at a third of its length for as long as it is open; where something of it is another
 * worker's by then, the handlers are interrupted.
 */
export class Lease {
  readonly #open: Set<Delivery>;
  readonly #feed: Feed;
  readonly #runtime: Runtime;
  readonly #leaseMs: number;
  readonly #interrupting = new AbortController();
  readonly #ended = new AbortController();
  #cancelBeat: () => void = () => {};

  constructor(deliveries: readonly Delivery[], feed: Feed, runtime: Runtime, leaseMs: number) {
    this.#open = new Set(deliveries);
    this.#feed = feed;
    this.#runtime = runtime;
    this.#leaseMs = leaseMs;
    this.#beatLater();
  }

  /** Aborts when what is in hand is to be given back. */
  get signal(): AbortSignal {
    return this.#interrupting.signal;
  }

  /** What has no answer yet, or one that is not settled. */
  get open(): readonly Delivery[] {
    return [...this.#open];
  }

  /** Resolves once it has ended. */
  get over(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended.signal.aborted) resolve();
      else this.#ended.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** What its own transaction settled is prolonged no more; what is still to be acknowledged or given back is. */
  answered(delivery: Delivery, { kind }: Outcome): void {
    if (delivery.receipt.kind === 'item' && SETTLED.has(kind)) this.#open.delete(delivery);
  }

  /** Ends the running handlers. */
  interrupt(): void {
    this.#interrupting.abort();
  }

  /** Stops prolonging. */
  end(): void {
    this.#cancelBeat();
    this.#ended.abort();
  }

  #beatLater(): void {
    this.#cancelBeat = this.#runtime.scheduler.after((this.#leaseMs / 3) * (1 - JITTER * this.#runtime.random()), () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const asked = this.open;
    const lost = asked.length === 0 ? [] : await this.#feed.extend(asked).catch(() => []); // trouble: the next beat tries again
    await this.#runtime.scheduler.yield(); // what was settled while this waited for its turn may not be answered yet
    if (this.#ended.signal.aborted) return;
    const missing = lost.filter((delivery) => this.#open.has(delivery));
    for (const delivery of missing) this.#open.delete(delivery);
    if (missing.length > 0) this.interrupt();
    this.#beatLater();
  }
}
