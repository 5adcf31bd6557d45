import { type Order, placedId } from '../messages.ts';
import { percentile } from '../percentile.ts';
import { Countdown } from './countdown.ts';
import type { Report } from './program.ts';

const PER_SECOND = 100;

/** The first second does not count: compilers warm up, connections are made. */
export const WARM_UP: number = PER_SECOND;

/** Measures how long after it was published a message arrives at its handler, or its effect in the database. */
export class Latency {
  readonly #orders: readonly Order[];
  readonly #since: 'call' | 'return';
  readonly #countdown: Countdown;
  readonly #publishedMs = new Map<string, number>();
  readonly #arrivedMs = new Map<string, number>();
  readonly #first: Promise<void>;
  #begin = (): void => {};

  /** @param since whether the clock runs from the call that publishes, or from its return: the commit */
  constructor(orders: readonly Order[], since: 'call' | 'return' = 'return') {
    this.#orders = orders;
    this.#since = since;
    this.#countdown = new Countdown(orders.length);
    this.#first = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  /** Called where the wait ends, with the id of the message. */
  arrived(id: string): void {
    if (this.#arrivedMs.has(id)) return;
    this.#arrivedMs.set(id, performance.now());
    this.#begin();
  }

  /** Called when the handler's effect is committed. */
  handled(): void {
    this.#countdown.tick();
  }

  /** Publishes a hundred a second, whether or not those before are through, and waits for the last. The first goes ahead: whoever consumes may still be about to begin. */
  async measure(publish: (order: Order) => Promise<unknown>): Promise<Report> {
    const [first, ...others] = this.#orders as [Order, ...Order[]];
    await Promise.all([this.#publish(first, publish), this.#first]);
    const startMs = performance.now();
    const published: Promise<void>[] = [];
    for (const [index, order] of others.entries()) {
      const waitMs = startMs + (index * 1000) / PER_SECOND - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      published.push(this.#publish(order, publish));
    }
    await Promise.all(published);
    await this.#countdown.over;
    return { messages: this.#orders.length, spentMs: performance.now() - startMs, ...this.#percentiles() };
  }

  async #publish(order: Order, publish: (order: Order) => Promise<unknown>): Promise<void> {
    const calledMs = performance.now();
    await publish(order);
    this.#publishedMs.set(placedId(order), this.#since === 'call' ? calledMs : performance.now());
  }

  /** A handler may begin before the publisher has read that its commit is through. */
  #percentiles(): Pick<Report, 'p50Ms' | 'p99Ms'> {
    const ids = this.#orders.slice(WARM_UP).map(placedId);
    const waits = ids.map((id) => Math.max(0, (this.#arrivedMs.get(id) ?? Number.NaN) - (this.#publishedMs.get(id) ?? Number.NaN)));
    return { p50Ms: rounded(percentile(waits, 0.5)), p99Ms: rounded(percentile(waits, 0.99)) };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
