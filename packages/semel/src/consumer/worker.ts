import { type Delivery, identitiesOf, type Outcome, type Process } from '../core/delivery.ts';
import type { Gate } from '../core/gate.ts';
import type { Lifecycle } from '../core/lifecycle.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Feed } from '../core/transport.ts';

/** What a worker drives: a consumer's processor, or a relay's. */
export interface Work {
  /** The consumer's or route's name, for events. */
  readonly name: string;
  readonly gate: Gate;
  readonly process: Process;
  /** Ends running handlers whose deliveries are another's by now. */
  interrupt(why: string): void;
}

/** The sizes and times of a worker. */
export interface WorkerOptions {
  readonly max: number;
  readonly concurrency: number;
  readonly leaseMs: number;
}

/**
 * Pulls deliveries from a feed, has them processed, settles them; keeps their leases alive meanwhile, waits while the gate is
 * closed, and goes on after any trouble of the feed or the store.
 */
export class Worker {
  readonly #work: Work;
  readonly #feed: Feed;
  readonly #runtime: Runtime;
  readonly #lifecycle: Lifecycle;
  readonly #options: WorkerOptions;
  readonly #receiving = new AbortController();
  readonly #handling = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #inHand = new Set<Delivery>();

  constructor(work: Work, feed: Feed, runtime: Runtime, lifecycle: Lifecycle, options: WorkerOptions) {
    this.#work = work;
    this.#feed = feed;
    this.#runtime = runtime;
    this.#lifecycle = lifecycle;
    this.#options = options;
  }

  /** Deliveries received and not yet settled. */
  get inHand(): number {
    return this.#inHand.size;
  }

  start(): void {
    for (let index = 0; index < this.#options.concurrency; index++) this.#loops.push(this.#loop());
  }

  /** Takes nothing new, and resolves once what is in hand is settled; at `deadline` handlers are interrupted, and what is not done is released. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#receiving.abort();
    const interrupt = () => this.#handling.abort();
    if (deadline.aborted) interrupt();
    else deadline.addEventListener('abort', interrupt, { once: true });
    await Promise.all(this.#loops);
    deadline.removeEventListener('abort', interrupt);
    await this.#feed.close();
  }

  /** Finishes or releases what is in hand before partitions are given up. */
  async drain(): Promise<void> {
    this.#work.interrupt('its partition was given up');
    while (this.#inHand.size > 0) await this.#runtime.scheduler.sleep(1);
  }

  async #loop(): Promise<void> {
    const { signal } = this.#receiving;
    while (!signal.aborted) {
      await this.#work.gate.ready(signal);
      if (signal.aborted) return;
      try {
        const max = this.#work.gate.cautious ? 1 : this.#options.max;
        await this.#handle(await this.#feed.receive({ max, signal }));
      } catch (error) {
        const afterMs = this.#work.gate.trouble();
        await this.#lifecycle.emit({ type: 'trouble', consumer: this.#work.name, error, afterMs });
      }
    }
  }

  async #handle(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) this.#inHand.add(delivery);
    const stopBeating = this.#beat(deliveries);
    try {
      const outcomes = await this.#work.process(deliveries, { signal: this.#handling.signal });
      stopBeating();
      await this.#settle(deliveries, outcomes);
    } finally {
      stopBeating();
      for (const delivery of deliveries) this.#inHand.delete(delivery);
    }
  }

  async #settle(deliveries: readonly Delivery[], outcomes: readonly Outcome[]): Promise<void> {
    const about = { consumer: this.#work.name, messages: this.#lifecycle.observed ? identitiesOf(deliveries) : [] };
    if (this.#lifecycle.observed) await this.#lifecycle.emit({ type: 'settling', ...about });
    await this.#feed.settle(deliveries.map((delivery, index) => ({ delivery, outcome: outcomes[index] ?? { kind: 'released' } })));
    if (this.#lifecycle.observed) await this.#lifecycle.emit({ type: 'settled', ...about });
  }

  /** Prolongs the leases at a third of their length; where one is another's by now, the handlers are interrupted and the rest comes again. */
  #beat(deliveries: readonly Delivery[]): () => void {
    let stopped = false;
    let cancel = () => {};
    const again = () => {
      cancel = this.#runtime.scheduler.after(this.#options.leaseMs / 3, async () => {
        const lost = await this.#feed.extend(deliveries).catch(() => []);
        if (stopped) return;
        if (lost.length > 0) this.#work.interrupt('its lease is another worker’s');
        else again();
      });
    };
    again();
    return () => {
      stopped = true;
      cancel();
    };
  }
}
