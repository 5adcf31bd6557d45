import type { Order } from '../messages.ts';
import { percentile } from '../percentile.ts';
import { Countdown } from './countdown.ts';
import type { Report } from './program.ts';

const PER_SECOND = 100;

/** The first second does not count: compilers warm up, connections are made. */
export const WARM_UP: number = PER_SECOND;

/** Measures how long after its commit a message reaches its handler. */
export class Latency {
  readonly #orders: readonly Order[];
  readonly #countdown: Countdown;
  readonly #committedMs = new Map<string, number>();
  readonly #handledMs = new Map<string, number>();

  constructor(orders: readonly Order[]) {
    this.#orders = orders;
    this.#countdown = new Countdown(orders.length);
  }

  /** Called first thing in the handler. */
  handling({ orderId }: Order): void {
    if (this.#handledMs.has(orderId)) return;
    this.#handledMs.set(orderId, performance.now());
  }

  /** Called when the handler's effect is committed. */
  handled(): void {
    this.#countdown.tick();
  }

  /** Publishes a hundred a second, whether or not those before are through, and waits for the last. */
  async measure(publish: (order: Order) => Promise<unknown>): Promise<Report> {
    const startMs = performance.now();
    const published: Promise<void>[] = [];
    for (const [index, order] of this.#orders.entries()) {
      const waitMs = startMs + (index * 1000) / PER_SECOND - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      published.push(publish(order).then(() => void this.#committedMs.set(order.orderId, performance.now())));
    }
    await Promise.all(published);
    await this.#countdown.over;
    return { messages: this.#orders.length, spentMs: performance.now() - startMs, ...this.#percentiles() };
  }

  /** A handler may begin before the publisher has read that its commit is through. */
  #percentiles(): Pick<Report, 'p50Ms' | 'p99Ms'> {
    const waits = this.#orders.slice(WARM_UP).map(({ orderId }) => Math.max(0, (this.#handledMs.get(orderId) ?? Number.NaN) - (this.#committedMs.get(orderId) ?? Number.NaN)));
    return { p50Ms: rounded(percentile(waits, 0.5)), p99Ms: rounded(percentile(waits, 0.99)) };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
