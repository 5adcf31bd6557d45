import type { AcquiredPartition } from './acquired-partition.ts';
import type { Contract } from './contract.ts';
import type { Delivery, Outcome } from './delivery.ts';
import type { SealedMessage } from './message.ts';
import type { Runtime } from './runtime.ts';

/** A broker adapter: what carries a topic between stores. */
export interface Transport {
  /** The route's name in the outbox, unique among a topic's routes: `kafka`, `billing-db`. */
  readonly name: string;
  readonly contract: Contract;
  readonly publisher?: Publisher;
  readonly subscriber?: Subscriber;
}

/** Sends messages. */
export interface Publisher {
  /**
   * Whether a call may be given several messages of one key. True promises that, within one call, the broker gets those of a key in the order given, and nothing of a
   * key is sent after one of it that was not accepted: the later ones are `failed` as well. A broker that keeps no order has none to lose, and may say true. Where
   * false, the relay puts one message of a key into a call at most, and waits for its answer.
   */
  readonly keepsKeyOrder: boolean;
  /**
   * Sends in the order given, and answers for each, in that order. It never rejects for what the broker says; a rejection means
   * that nothing at all was sent. A message that was sent before may be sent again: the identity is the same.
   */
  publish(messages: readonly SealedMessage[], options: { readonly signal: AbortSignal }): Promise<readonly PublishResult[]>;
  /** Idempotent; a later publish opens again what it needs. */
  close(): Promise<void>;
}

/** `accepted`: durable at the broker. `failed`: surely not. `unknown`: no answer; it is sent again. */
export type PublishResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'failed'; readonly error: unknown; readonly retryable: boolean }
  | { readonly kind: 'unknown'; readonly error: unknown };

/** Opens subscriptions. */
export interface Subscriber {
  subscribe(topic: string, options: SubscribeOptions): Promise<Feed>;
  /** Idempotent; closes the feeds too. */
  close(): Promise<void>;
}

/** What a subscriber is told. */
export interface SubscribeOptions {
  /** The service's name, as given to `createSemel`: at a broker that others use too, consumers' names alone would collide. */
  readonly service: string;
  /** The consumer's name: with the service its group, queue or subscription at the broker. */
  readonly consumer: string;
  readonly previousNames: readonly string[];
  /** Where a new subscription starts, where the broker can tell. */
  readonly from: 'beginning' | 'now' | { readonly sinceMs: number };
  readonly ordered: boolean;
  /** How long a delivery may be in hand before the broker takes it back; `extend` prolongs it. */
  readonly leaseMs: number;
  readonly runtime: Runtime;
  /** How long the consumer's records are kept, in milliseconds. What the broker itself says of its windows is checked against it: `checkWindow`. */
  readonly recordsKeptMs: number;
  /** Tries of a message in all, by the consumer's retry policy: a broker that gives up earlier would take messages away before. */
  readonly attempts: number;
  /** Awaited before the first read of newly assigned partitions of a log; answers where to read on, and the epoch that fences earlier owners. */
  assigned(partitions: readonly string[]): Promise<readonly AcquiredPartition[]>;
  /** Awaited before the partitions are given up: what is in hand is finished or released. */
  revoked(partitions: readonly string[]): Promise<void>;
  /** Awaited once they are given up with nothing in hand: whoever is assigned them next suspects nothing. */
  released(partitions: readonly { readonly partition: string; readonly epoch: number }[]): Promise<void>;
}

/** An open subscription: deliveries come out, outcomes go back. */
export interface Feed {
  /** Resolves with at least one delivery, or with none once `signal` aborts or a wait is over. Back-pressure is not calling it. */
  receive(options: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]>;
  /** Turns outcomes into acks, nacks, releases or seeks. A stale settle is no error: the message comes again. */
  settle(settled: readonly Settled[]): Promise<void>;
  /** Prolongs what is in hand; returns the deliveries that are another's by now. */
  extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]>;
  /** Messages that would still come without a new publish, where the transport can tell. */
  pending?(): Promise<number>;
  close(): Promise<void>;
}

/** A delivery with what became of it. */
export interface Settled {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
}
