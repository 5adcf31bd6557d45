import type { Delivery, Outcome } from '../../core/delivery.ts';
import { identityKey, type SealedMessage } from '../../core/message.ts';

const ACKNOWLEDGED: ReadonlySet<string> = new Set(['done', 'duplicate', 'dead', 'parked']);

/** A broker that delivers at least once: what nobody acknowledged comes again, and on demand also what was. */
export class Redeliveries {
  readonly #messages: readonly SealedMessage[];
  readonly #attempts = new Map<string, number>();
  readonly #settled = new Map<string, Outcome>();

  constructor(messages: readonly SealedMessage[]) {
    this.#messages = messages;
  }

  /** All messages, acknowledged or not. */
  all(): readonly Delivery[] {
    return this.#messages.map((sealed) => this.#delivery(sealed));
  }

  /** Those that nobody acknowledged. */
  pending(): readonly Delivery[] {
    return this.#messages.filter(({ message }) => !this.#settled.has(identityKey(message))).map((sealed) => this.#delivery(sealed));
  }

  /** What became of a message; undefined where it is not acknowledged. */
  outcomeOf({ message }: SealedMessage): Outcome | undefined {
    return this.#settled.get(identityKey(message));
  }

  settle(deliveries: readonly Delivery[], outcomes: readonly Outcome[]): void {
    for (const [index, { content }] of deliveries.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || !('message' in content)) continue;
      const key = identityKey(content.message);
      if (ACKNOWLEDGED.has(outcome.kind) && !this.#settled.has(key)) this.#settled.set(key, outcome);
      if (outcome.kind === 'retry') this.#attempts.set(key, (this.#attempts.get(key) ?? 1) + 1);
    }
  }

  /** Data of its own, as if it came over the wire: a handler may change what it is given. */
  #delivery({ message, json, fingerprint }: SealedMessage): Delivery {
    return {
      topic: message.topic,
      content: { message: { ...message, data: JSON.parse(json) }, json, fingerprint },
      receipt: { kind: 'external' },
      attempt: this.#attempts.get(identityKey(message)) ?? 1,
    };
  }
}
