/** A figure or a promise, and where it is written. */
export interface Fact<Value> {
  readonly value: Value;
  /** A document's address or title, or the file of Semel's own that makes it so. */
  readonly source: string;
}

/**
 * What a service promises, as data. The start-up check compares windows against it, the adversary plays everything that it
 * allows, the docs print it.
 */
export interface Contract {
  readonly service: string;
  readonly delivery: Fact<'at-most-once' | 'at-least-once' | 'exactly-once'>;
  /** The unit within which order is kept; `none` where it is not. */
  readonly ordering: Fact<'none' | 'key' | 'partition' | 'total'>;
  /** How a delivery is settled. */
  readonly settlement: Fact<'one-by-one' | 'position' | 'in-transaction'>;
  /** When a delivery that nobody settles is taken back: its `lease` runs out, or the `connection` of its receiver ends (or its place in the group). */
  readonly takenBack: Fact<'lease' | 'connection'>;
  /** How long after its first delivery a message can come again, its retention and dead-letter retention included; null without bound. */
  readonly redeliveryWindowMs: Fact<number | null>;
  /** Whether a negative acknowledgement can carry a delay. */
  readonly delayedRetry: Fact<boolean>;
  /** Whether the service counts attempts, crashes included. */
  readonly countsAttempts: Fact<boolean>;
  /** Repeated publishes of one id within this window are one message; 0 where there is no such thing, null without bound. */
  readonly dedupWindowMs: Fact<number | null>;
  /** Whether a stale owner's acknowledgement is refused. */
  readonly fencedAcknowledgement: Fact<boolean>;
  /** Bytes of one message; null without bound. */
  readonly maxMessageBytes: Fact<number | null>;
  /** What an acknowledgement means, in a sentence. */
  readonly acknowledgement: Fact<string>;
  /** What the reply to a publish means, in a sentence. */
  readonly publishReply: Fact<string>;
}
