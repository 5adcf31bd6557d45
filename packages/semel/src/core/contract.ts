/** A figure or a promise, and where it is written. */
export interface Fact<Value> {
  readonly value: Value;
  /** A document's address or title, or the file of Semel's own that makes it so. */
  readonly source: string;
}

/**
 * What brings a message again that was handled, or puts it there twice.
 * - `unsettled`: nobody settled it in time, or its receiver went;
 * - `settled`: it was settled, and comes all the same;
 * - `publish-retry`: a publish whose reply was lost is repeated, and both stand;
 * - `redrive`: it is brought back from a dead-letter queue, or read again from the log on purpose;
 * - `rebalance`: another reader takes over before the first has told how far it got;
 * - `spontaneous`: the service itself sends it twice, without any failure.
 */
export type Duplicate = 'unsettled' | 'settled' | 'publish-retry' | 'redrive' | 'rebalance' | 'spontaneous';

/** A time in the life of a message in which it can come again. Periods follow one another, so they add up. */
export interface Period {
  /** As it continues "it can come again out of": `the queue`, `its dead-letter queue`. */
  readonly place: string;
  /** At the longest that can be set, in milliseconds; null without bound. */
  readonly maxMs: number | null;
}

/** How long a delivery may be in hand before the service gives it to another. */
export interface Deadline {
  /** Unless it is set otherwise. */
  readonly defaultMs: number;
  /** The longest that can be set or asked for at once; null without bound. */
  readonly maxMs: number | null;
  /** Whether a receiver that is alive can prolong it. */
  readonly prolonged: boolean;
  /** From the delivery on, however often it is prolonged; null without bound. */
  readonly totalMs: number | null;
}

/** How often a message is tried, and what follows. */
export interface Attempts {
  /** Unless it is set otherwise; null: until it is settled or too old. */
  readonly most: number | null;
  /** `blocks`: what stands behind it waits. `dropped`: it is gone. `kept`: it stays where it is, and somebody has to ask for it. */
  readonly then: 'dead-letter' | 'dropped' | 'blocks' | 'kept';
}

/** A time that is set: unless it is told, and at the most. Null without bound. */
export interface Setting {
  readonly defaultMs: number | null;
  readonly maxMs: number | null;
}

/**
 * What a reply to several messages at once says: one result for `each`; up to the `first-failure`, and nothing of those after it; or one
 * for the `whole`. `none`: they go one by one.
 */
export type BatchReply = 'each' | 'first-failure' | 'whole' | 'none';

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
  /** What brings a message twice; empty where nothing does. */
  readonly duplicates: Fact<readonly Duplicate[]>;
  /** How long after its first delivery a message can come again, its retention and dead-letter retention included; null without bound, or where the user's own settings say. */
  readonly redeliveryWindowMs: Fact<number | null>;
  /** What adds up to that window, at the longest settings. */
  readonly redelivery: Fact<readonly Period[]>;
  /** How long a delivery may be in hand; null where the service sets no limit. */
  readonly deadline: Fact<Deadline | null>;
  /** Whether a negative acknowledgement can carry a delay. */
  readonly delayedRetry: Fact<boolean>;
  /** Whether the service counts attempts, crashes included. */
  readonly countsAttempts: Fact<boolean>;
  /** How often the service itself tries, and what follows. */
  readonly attempts: Fact<Attempts>;
  /** How long what nobody settled is kept. */
  readonly retention: Fact<Setting>;
  /** Repeated publishes of one id within this window are one message; 0 where there is no such thing, null without bound. */
  readonly dedupWindowMs: Fact<number | null>;
  /** What a repeated publish is recognised by, in a few words; `none`. */
  readonly dedupKey: Fact<string>;
  /** What the service's own message id is worth as a key, in a sentence. */
  readonly messageId: Fact<string>;
  /** Whether a stale owner's acknowledgement is refused. */
  readonly fencedAcknowledgement: Fact<boolean>;
  /** Bytes of one message; null without bound. */
  readonly maxMessageBytes: Fact<number | null>;
  /** Messages of one publish request, at most; null without bound. */
  readonly maxBatch: Fact<number | null>;
  /** Deliveries in hand at once, at most, of all receivers together; null without bound. */
  readonly maxInFlight: Fact<number | null>;
  /** What the reply to a publish of several says. */
  readonly batchPublish: Fact<BatchReply>;
  /** What the settlement of several says. */
  readonly batchSettlement: Fact<BatchReply>;
  /** What an acknowledgement means, in a sentence. */
  readonly acknowledgement: Fact<string>;
  /** What the reply to a publish means, in a sentence. */
  readonly publishReply: Fact<string>;
}
