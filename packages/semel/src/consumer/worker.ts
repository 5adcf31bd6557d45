import { type Delivery, identitiesOf, type Process } from '../core/delivery.ts';
import type { Gate } from '../core/gate.ts';
import type { Lifecycle } from '../core/lifecycle.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Feed, Settled } from '../core/transport.ts';
import { Lease } from './lease.ts';

/** What a worker drives: a consumer's processor, or a relay's. */
export interface Work {
  /** The consumer's or route's name, for events. */
  readonly name: string;
  readonly gate: Gate;
  readonly process: Process;
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
  /** Aborts when the time to stop is over. */
  readonly #givingUp = new AbortController();
  readonly #leases = new Set<Lease>();
  readonly #loops: Promise<void>[] = [];

  constructor(work: Work, feed: Feed, runtime: Runtime, lifecycle: Lifecycle, options: WorkerOptions) {
    this.#work = work;
    this.#feed = feed;
    this.#runtime = runtime;
    this.#lifecycle = lifecycle;
    this.#options = options;
  }

  /** Whether anything is received and not yet settled. */
  get busy(): boolean {
    return this.#leases.size > 0;
  }

  /** Begins to pull. */
  start(): void {
    for (let index = 0; index < this.#options.concurrency; index++) this.#loops.push(this.#loop());
  }

  /** Takes nothing new, and resolves once what is in hand is settled; at `deadline` handlers are interrupted, and what is not done is released. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#receiving.abort();
    const interrupt = () => {
      this.#givingUp.abort();
      for (const lease of this.#leases) lease.interrupt();
    };
    if (deadline.aborted) interrupt();
    else deadline.addEventListener('abort', interrupt, { once: true });
    await Promise.all(this.#loops);
    deadline.removeEventListener('abort', interrupt);
    await this.#feed.close();
  }

  /** Interrupts what is in hand of partitions that are given up, and resolves once that is settled. */
  async drain(partitions: readonly string[]): Promise<void> {
    const given = new Set(partitions);
    const concerned = [...this.#leases].filter((lease) => lease.open.some(({ receipt }) => receipt.kind === 'position' && given.has(receipt.partition)));
    for (const lease of concerned) lease.interrupt();
    await Promise.all(concerned.map((lease) => lease.over));
  }

  async #loop(): Promise<void> {
    const { signal } = this.#receiving;
    let size = this.#options.max;
    while (!signal.aborted) {
      await this.#work.gate.ready(signal);
      if (signal.aborted) return;
      try {
        const max = this.#work.gate.cautious ? 1 : size;
        const { received, unbegun } = await this.#handle(await this.#feed.receive({ max, signal }));
        size = nextSize(size, received, unbegun, this.#options.max);
        await this.#runtime.scheduler.yield(); // a backlog in an embedded database never waits for I/O: timers and sockets get their turn here
      } catch (error) {
        await this.#trouble(error);
      }
    }
  }

  async #handle(deliveries: readonly Delivery[]): Promise<{ readonly received: number; readonly unbegun: number }> {
    const received = deliveries.length;
    if (received === 0) return { received, unbegun: 0 };
    const lease = new Lease(deliveries, this.#feed, this.#runtime, this.#options.leaseMs);
    this.#leases.add(lease);
    try {
      const outcomes = await this.#work.process(deliveries, { signal: lease.signal, onAnswer: (delivery, outcome) => lease.answered(delivery, outcome) });
      await this.#settle(deliveries.map((delivery, index) => ({ delivery, outcome: outcomes[index] ?? { kind: 'released' } })));
      return { received, unbegun: outcomes.filter(({ kind }) => kind === 'released').length };
    } finally {
      lease.end();
      this.#leases.delete(lease);
    }
  }

  /** Tries until it succeeds, or the time to stop is over: what was not begun and cannot be given back would count as in flight when its lease ran out. */
  async #settle(settled: readonly Settled[]): Promise<void> {
    const about = { consumer: this.#work.name, messages: this.#lifecycle.observed ? identitiesOf(settled.map(({ delivery }) => delivery)) : [] };
    if (this.#lifecycle.observed) await this.#lifecycle.emit({ type: 'settling', ...about });
    for (;;) {
      try {
        await this.#feed.settle(settled);
        break;
      } catch (error) {
        const afterMs = await this.#trouble(error);
        if (this.#givingUp.signal.aborted) return;
        await this.#runtime.scheduler.sleep(afterMs, this.#givingUp.signal);
      }
    }
    if (this.#lifecycle.observed) await this.#lifecycle.emit({ type: 'settled', ...about });
  }

  async #trouble(error: unknown): Promise<number> {
    const afterMs = this.#work.gate.trouble();
    await this.#lifecycle.emit({ type: 'trouble', consumer: this.#work.name, error, afterMs });
    return afterMs;
  }
}

/** What its time is too short for is not asked for again. A little less at once and more by and by: what has to be given back was leased and claimed in vain. */
function nextSize(size: number, received: number, unbegun: number, max: number): number {
  return unbegun > 0 ? Math.max(1, Math.floor((received - unbegun) * 0.9)) : Math.min(max, Math.ceil(size * 1.05));
}
