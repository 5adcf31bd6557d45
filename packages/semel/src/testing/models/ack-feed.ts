import type { Bell } from '../../core/bell.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import { dispositionOf } from '../../core/disposition.ts';
import type { Feed, Settled, SubscribeOptions } from '../../core/transport.ts';
import type { AckEntry, AckQueue } from './ack-queue.ts';

/** What the feeds of one consumer share. */
export interface AckShare {
  readonly queue: AckQueue;
  readonly bell: Bell;
  readonly maxReceives: number;
  /** Puts what is visible into the order in which it is received. */
  readonly arrange: (entries: AckEntry[]) => AckEntry[];
  /** Whether the next delivery stays visible, so that another receives it too. */
  readonly doubles: () => boolean;
  /** Whether the next acknowledgement is lost on its way. */
  readonly losesAck: () => boolean;
}

/** One receiver of an {@link AckQueue}. */
export class AckFeed implements Feed {
  readonly #share: AckShare;
  readonly #options: SubscribeOptions;
  readonly #visibilityMs: number;
  readonly #closed = new AbortController();

  constructor(share: AckShare, options: SubscribeOptions, visibilityMs: number) {
    this.#share = share;
    this.#options = options;
    this.#visibilityMs = visibilityMs;
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    const { queue, bell, arrange, maxReceives } = this.#share;
    const over = AbortSignal.any([signal, this.#closed.signal]);
    while (!over.aborted) {
      const visible = arrange(queue.visible(this.#nowMs, maxReceives)).slice(0, max);
      if (visible.length > 0) return visible.map((entry) => this.#deliver(entry));
      await bell.wait(this.#options.runtime, over, queue.nextVisibleMs());
    }
    return [];
  }

  async settle(settled: readonly Settled[]): Promise<void> {
    for (const { delivery, outcome } of settled) {
      const entry = this.#share.queue.inHand(delivery);
      if (entry !== undefined) this.#settle(entry, outcome);
    }
    this.#share.bell.ring();
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return deliveries.filter((delivery) => {
      const entry = this.#share.queue.inHand(delivery);
      if (entry !== undefined) entry.visibleAtMs = this.#nowMs + this.#visibilityMs;
      return entry === undefined;
    });
  }

  async pending(): Promise<number> {
    return this.#share.queue.entries.size;
  }

  /** What is in hand comes again once its time is over, as after the death of a receiver. */
  async close(): Promise<void> {
    this.#closed.abort();
  }

  get #nowMs(): number {
    return this.#options.runtime.clock.now();
  }

  #deliver(entry: AckEntry): Delivery {
    return this.#share.queue.deliver(entry, this.#share.doubles() ? this.#nowMs : this.#nowMs + this.#visibilityMs);
  }

  #settle(entry: AckEntry, outcome: Outcome): void {
    const disposition = dispositionOf(outcome);
    if (disposition.kind === 'acknowledge' && !this.#share.losesAck()) this.#share.queue.remove(entry);
    if (disposition.kind !== 'again') return;
    if (!disposition.counted) entry.receives--;
    entry.visibleAtMs = this.#nowMs + disposition.afterMs;
  }
}
