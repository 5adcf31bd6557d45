import type { Delivery } from './delivery.ts';
import type { Runtime } from './runtime.ts';
import type { ItemReceipt, Queue } from './store.ts';
import { SuspectTurn } from './suspect-turn.ts';
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
  readonly #turn: SuspectTurn;
  readonly #unwatch: () => void;
  /** How long to wait where something is due and could not be had: another was faster, or it is a suspect whose turn another feed has, which tells when it is over. */
  #againInMs = SHORT_WAIT_MS;
  /** The suspect in hand, for which the turn was taken. */
  #suspect: Delivery | undefined;
  /** The last lease was not empty, so that there is probably more: to ask first would cost a look for nothing. */
  #flowing = false;
  #wakes = 0;
  #ring: () => void = () => {};

  constructor(queue: Queue, subscription: string, leaseMs: number, runtime: Runtime, turn: SuspectTurn = new SuspectTurn()) {
    this.#queue = queue;
    this.#subscription = subscription;
    this.#leaseMs = leaseMs;
    this.#runtime = runtime;
    this.#turn = turn;
    const wake = () => {
      this.#wakes += 1;
      this.#ring();
    };
    const unwatch = [queue.watch(wake), turn.watch(wake)];
    this.#unwatch = () => {
      for (const end of unwatch) end();
    };
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    while (!signal.aborted) {
      const wakes = this.#wakes;
      const inMs = this.#flowing ? 0 : await this.#nextDueIn();
      const deliveries = inMs <= 0 ? await this.#lease(max) : [];
      const ebbed = this.#flowing && deliveries.length === 0;
      this.#flowing = deliveries.length > 0;
      if (ebbed) continue;
      if (deliveries.length > 0) return deliveries;
      if (wakes === this.#wakes) await this.#wait(inMs <= 0 ? this.#againInMs : Math.min(inMs, POLL_MS), signal);
    }
    return [];
  }

  /** What is due now, if anything; waits for nothing. */
  async take(max: number): Promise<readonly Delivery[]> {
    return (await this.#nextDueIn()) <= 0 ? this.#lease(max) : [];
  }

  /** What was begun is settled by its own transaction. The rest is given back; so is what may have been committed or not, for then it is gone or its record answers. */
  async settle(settled: readonly Settled[]): Promise<void> {
    const unbegun = settled.filter(({ outcome }) => outcome.kind === 'released' || outcome.kind === 'held' || outcome.kind === 'unknown');
    if (unbegun.length > 0) await this.#queue.release(this.#subscription, itemsOf(unbegun.map(({ delivery }) => delivery)));
    if (settled.some(({ delivery }) => delivery === this.#suspect)) this.#endTurn();
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const lost = new Set((await this.#queue.extend(this.#subscription, itemsOf(deliveries), this.#leaseMs)).map(({ item }) => item));
    return deliveries.filter(({ receipt }) => receipt.kind === 'item' && lost.has(receipt.item));
  }

  async close(): Promise<void> {
    this.#unwatch();
    this.#endTurn();
  }

  /** Milliseconds until something is due; asks without the write lock. */
  async #nextDueIn(): Promise<number> {
    const dueMs = (await this.#queue.nextDueMs(this.#subscription)) ?? Number.POSITIVE_INFINITY;
    return dueMs - this.#runtime.clock.now();
  }

  async #lease(max: number): Promise<readonly Delivery[]> {
    const suspects = this.#turn.take();
    this.#againInMs = suspects ? SHORT_WAIT_MS : POLL_MS;
    try {
      const deliveries = await this.#queue.lease(this.#subscription, { max, leaseMs: this.#leaseMs, suspects });
      if (suspects) this.#suspect = deliveries.find(({ suspect }) => suspect);
      return deliveries;
    } finally {
      if (suspects && this.#suspect === undefined) this.#turn.giveBack();
    }
  }

  #endTurn(): void {
    if (this.#suspect === undefined) return;
    this.#suspect = undefined;
    this.#turn.giveBack();
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
