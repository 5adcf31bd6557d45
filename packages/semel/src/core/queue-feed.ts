import type { Delivery } from './delivery.ts';
import { Mutex } from './mutex.ts';
import type { Runtime } from './runtime.ts';
import type { ItemReceipt, Queue } from './store.ts';
import { SuspectTurn } from './suspect-turn.ts';
import type { Feed, Settled } from './transport.ts';

const POLL_MS = 500;
/** The first pause where something is due and cannot be had; each in vain doubles the next. */
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
  readonly #leasing = new Mutex();
  readonly #unwatch: () => void;
  /** How long to wait where something is due and could not be had: another was faster, or its owner's transaction outlasts its lease. */
  #againInMs = SHORT_WAIT_MS;
  /** Another feed has the turn of suspects; it tells when that is over. */
  #refused = false;
  /** The suspect in hand, for which the turn was taken. */
  #suspect: Delivery | undefined;
  /** The last lease was not empty, so that there is probably more: to ask first would cost a look for nothing. */
  #flowing = false;
  #wakes = 0;
  /** The last wake-up brought something. Where many wait for the same messages most wake up in vain, and a look is cheaper than a place in the line of leases. */
  #wakesPay = true;
  /** What ends the waits, the longest first. */
  readonly #waits = new Set<() => void>();
  /** Ends one wait alone: what comes is mostly had at once, and the others would ask for it in vain. */
  readonly #wake = (): void => {
    this.#wakes += 1;
    const [ring] = this.#waits;
    ring?.();
  };

  constructor(queue: Queue, subscription: string, leaseMs: number, runtime: Runtime, turn: SuspectTurn = new SuspectTurn()) {
    this.#queue = queue;
    this.#subscription = subscription;
    this.#leaseMs = leaseMs;
    this.#runtime = runtime;
    this.#turn = turn;
    this.#unwatch = queue.watch(this.#wake);
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    let woken = false;
    while (!signal.aborted) {
      const wakes = this.#wakes;
      const hopeful = this.#flowing || (woken && this.#wakesPay);
      const inMs = hopeful ? 0 : await this.#nextDueIn();
      const deliveries = inMs <= 0 ? await this.#lease(max) : [];
      this.#flowing = deliveries.length > 0;
      if (woken) this.#wakesPay = this.#flowing;
      if (this.#flowing) return deliveries;
      woken = false;
      if (hopeful) continue;
      if (wakes === this.#wakes) await this.#wait(this.#pauseMs(inMs), signal);
      woken = wakes !== this.#wakes;
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

  /** Loops that share the feed ask one after another: they would only wait for one another in the store, and refuse one another the turn of suspects. */
  #lease(max: number): Promise<readonly Delivery[]> {
    return this.#leasing.run(() => this.#leaseInTurn(max));
  }

  async #leaseInTurn(max: number): Promise<readonly Delivery[]> {
    const suspects = this.#turn.take(this.#wake);
    this.#refused = !suspects;
    try {
      const deliveries = await this.#queue.lease(this.#subscription, { max, leaseMs: this.#leaseMs, suspects });
      if (suspects) this.#suspect = deliveries.find(({ suspect }) => suspect);
      if (deliveries.length > 0) this.#againInMs = SHORT_WAIT_MS;
      if (deliveries.length === max) this.#wake(); // there may be enough for two
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

  /** Until what is next is due. Where that is now and it could not be had, the pauses grow, or it would be asked for all the time. */
  #pauseMs(inMs: number): number {
    if (inMs <= 0 && this.#refused) return POLL_MS;
    const pauseMs = inMs > 0 ? Math.min(inMs, POLL_MS) : this.#againInMs;
    this.#againInMs = inMs > 0 ? SHORT_WAIT_MS : Math.min(pauseMs * 2, POLL_MS);
    return pauseMs;
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = () => {
      this.#waits.delete(end);
      over.abort();
    };
    this.#waits.add(end);
    signal.addEventListener('abort', end, { once: true });
    return this.#runtime.scheduler.sleep(ms, over.signal).finally(() => {
      this.#waits.delete(end);
      signal.removeEventListener('abort', end);
    });
  }
}

function itemsOf(deliveries: readonly Delivery[]): readonly ItemReceipt[] {
  return deliveries.flatMap(({ receipt }) => (receipt.kind === 'item' ? [receipt] : []));
}
