import type { Delivery } from '../../core/delivery.ts';
import type { Feed, Settled } from '../../core/transport.ts';
import { type Answer, type FromWorker, type SentDelivery, sentError } from './protocol.ts';

/** A feed whose broker is the parent process. */
export class SentFeed implements Feed {
  readonly #say: (message: FromWorker) => void;
  readonly #numbers = new WeakMap<Delivery, number>();
  readonly #inHand = new Set<Delivery>();
  #lost: ReadonlySet<Delivery> = new Set();
  #waiting: Delivery[] = [];
  #arrived: () => void = () => {};

  constructor(say: (message: FromWorker) => void) {
    this.#say = say;
  }

  /** Data of its own for each: a handler may change what it is given. */
  take(sent: readonly SentDelivery[], topic: string): void {
    for (const { number, attempt, message, json, fingerprint } of sent) {
      const delivery: Delivery = { topic, content: { message, json, fingerprint }, receipt: { kind: 'external' }, attempt };
      this.#numbers.set(delivery, number);
      this.#waiting.push(delivery);
    }
    this.#arrived();
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    if (this.#waiting.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const received = this.#waiting.splice(0, max);
    for (const delivery of received) this.#inHand.add(delivery);
    return received;
  }

  async settle(settled: readonly Settled[]): Promise<void> {
    for (const { delivery } of settled) this.#inHand.delete(delivery);
    this.#say({ kind: 'settled', answers: settled.map((one) => this.#answer(one)) });
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return deliveries.filter((delivery) => this.#lost.has(delivery));
  }

  /** What is in hand is another's by now. */
  lose(): void {
    this.#lost = new Set(this.#inHand);
  }

  async close(): Promise<void> {}

  #answer({ delivery, outcome }: Settled): Answer {
    const { kind } = outcome;
    return {
      number: this.#numbers.get(delivery) as number,
      kind,
      ...(kind === 'dead' ? { reason: outcome.reason } : {}),
      ...(kind === 'retry' ? { error: sentError(outcome.error) } : {}),
    };
  }
}
