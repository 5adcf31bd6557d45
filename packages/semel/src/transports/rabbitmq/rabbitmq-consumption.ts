import { Arrivals } from '../../core/arrivals.ts';
import { Bell } from '../../core/bell.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import { dispositionOf } from '../../core/disposition.ts';
import type { Runtime } from '../../core/runtime.ts';
import { type RabbitmqChannel, type RabbitmqMessage, withinTime } from './rabbitmq-client.ts';

/** What a consumption is told. */
export interface ConsumptionOptions {
  readonly queue: string;
  readonly prefetch: number;
  /** What is handed out again is not overtaken: nothing else is handed out while it waits. */
  readonly inOrder: boolean;
  /** A message that died is rejected, for its queue to dead-letter. */
  readonly rejectsDead: boolean;
  readonly runtime: Runtime;
  deliveryOf(message: RabbitmqMessage): Delivery;
}

/** One channel of a feed, from its opening to its end. What it has in hand is the broker's again once it ends: an acknowledgement elsewhere is impossible. */
export class Consumption {
  readonly #channel: RabbitmqChannel;
  readonly #options: ConsumptionOptions;
  readonly #arrivals = new Arrivals<RabbitmqMessage>();
  readonly #inHand = new Map<Delivery, RabbitmqMessage>();
  /** Messages that wait here before they are handed out again, with what ends the wait. */
  readonly #away = new Map<RabbitmqMessage, () => void>();
  /** Rings when one of them has waited. */
  readonly #back = new Bell();
  readonly #cancelled: () => void;
  #ended = false;

  /** @param ended told once, with the reason */
  constructor(channel: RabbitmqChannel, options: ConsumptionOptions, ended: (consumption: Consumption, cause: unknown) => void) {
    this.#channel = channel;
    this.#options = options;
    const end = (cause: unknown) => {
      if (this.#ended) return;
      this.#ended = true;
      for (const cancel of this.#away.values()) cancel();
      this.#away.clear();
      this.#arrivals.end();
      this.#back.ring();
      ended(this, cause);
    };
    channel.on('error', end);
    channel.on('close', () => end(new Error('the connection ended')));
    this.#cancelled = () => end(new Error(`queue ${options.queue} was deleted`));
  }

  /** Begins to receive. */
  async start(): Promise<void> {
    await this.#channel.prefetch(this.#options.prefetch);
    await this.#channel.consume(this.#options.queue, (message) => (message === null ? this.#cancelled() : this.#arrivals.add(message)));
  }

  /** Up to `max` deliveries; none once `signal` aborts or it has ended. */
  async take(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    while (this.#options.inOrder && this.#away.size > 0 && !signal.aborted) await this.#back.rung(signal);
    const messages = await this.#arrivals.take(max, signal);
    return messages.map((message) => {
      const delivery = this.#options.deliveryOf(message);
      this.#inHand.set(delivery, message);
      return delivery;
    });
  }

  /** Those that are the broker's again, or were settled. */
  has(delivery: Delivery): boolean {
    return !this.#ended && this.#inHand.has(delivery);
  }

  /** What was settled before, or ended with its channel, is left alone: it comes again. */
  settle(delivery: Delivery, outcome: Outcome): void {
    const message = this.#inHand.get(delivery);
    if (message === undefined || this.#ended) return;
    this.#inHand.delete(delivery);
    const disposition = dispositionOf(outcome);
    if (disposition.kind === 'acknowledge') this.#acknowledge(message, disposition.dead);
    else this.#keep(message, disposition.kind === 'again' ? disposition.afterMs : 0);
  }

  /** What the queue has and what is here. Asked twice: what was on its way at the first answer has come before the second. */
  async pending(): Promise<number> {
    const { messageCount } = await this.#channel.checkQueue(this.#options.queue);
    await this.#channel.checkQueue(this.#options.queue);
    return messageCount + this.#arrivals.size + this.#inHand.size + this.#away.size;
  }

  /** Gives back at once all that is here, in its order. Without a cancel before: the next consumer would begin with what follows it. */
  async close(): Promise<void> {
    await withinTime(this.#channel.close());
  }

  #acknowledge(message: RabbitmqMessage, dead: boolean): void {
    try {
      if (dead && this.#options.rejectsDead) this.#channel.reject(message, false);
      else this.#channel.ack(message);
    } catch {
      // The channel has just ended.
    }
  }

  /** Delivered again from here, where it stood: back at the queue it would count as returned, and might lose its place. */
  #keep(message: RabbitmqMessage, afterMs: number): void {
    const again = () => {
      this.#away.delete(message);
      const waiting = this.#arrivals.drop(() => true);
      this.#arrivals.add(...[...waiting, message].sort((a, b) => a.fields.deliveryTag - b.fields.deliveryTag));
      this.#back.ring();
    };
    if (afterMs <= 0) again();
    else this.#away.set(message, this.#options.runtime.scheduler.after(afterMs, again));
  }
}
