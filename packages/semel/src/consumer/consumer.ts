import type { Guarantee } from '../core/guarantee.ts';
import type { Message } from '../core/message.ts';
import type { Publish } from '../core/publication.ts';
import type { AnyTopic, TopicOutput } from '../core/topic.ts';
import type { ConsumerOptions, Policies } from './consumer-options.ts';

/** What every handler is given. */
export interface BaseContext {
  /** Aborts when the handler's time is over, its lease is lost, or the worker stops. */
  readonly signal: AbortSignal;
}

/** What a handler of one message is given in any guarantee. */
export interface MessageContext<Data> extends BaseContext {
  readonly message: Message<Data>;
  /** 1 at the first try. */
  readonly attempt: number;
}

/** Inside the effect's transaction: what is written with `tx` and sent with `publish` commits with the record, or not at all. */
export interface TransactionContext<Data, Tx, Topics extends AnyTopic> extends MessageContext<Data> {
  /** The store's transaction; refused once the handler has settled. */
  readonly tx: Tx;
  readonly publish: Publish<Topics>;
}

/** Where a message has its transaction alone (`group: false`). */
export interface AloneContext<Data, Tx, Topics extends AnyTopic> extends TransactionContext<Data, Tx, Topics> {
  /** A key for an outside service: the same at every retry of this message by this consumer, another for each `name`. */
  idempotencyKey(name: string): string;
}

/** At-least-once and at-most-once: no transaction is held while the handler runs. */
export interface OutsideContext<Data, Tx, Topics extends AnyTopic> extends MessageContext<Data> {
  /** Commits on its own: what it writes and publishes is there even if the handler fails afterwards. */
  transaction<Result>(run: (inside: { readonly tx: Tx; readonly publish: Publish<Topics> }) => Result | Promise<Result>): Promise<Result>;
  /** Commits on its own. */
  readonly publish: Publish<Topics>;
  /** A key for an outside service: the same at every retry of this message by this consumer, another for each `name`. */
  idempotencyKey(name: string): string;
}

/** One call for the whole group. */
export interface SetContext<Data, Tx, Topics extends AnyTopic> extends BaseContext {
  readonly messages: readonly Message<Data>[];
  readonly tx: Tx;
  /** `cause` names the message that causes the new one: its headers are passed on, and an id that neither the options nor the topic give is derived from it. */
  readonly publish: (...parameters: [...Parameters<Publish<Topics>>, cause?: Message]) => ReturnType<Publish<Topics>>;
  /** Marks one message as failed: it is retried or buried alone, and the rest of the group commits. What was written for it stays, so write nothing for it. */
  fail(message: Message, error: unknown): void;
}

type Published<Options extends ConsumerOptions> = Options extends { readonly publishes: readonly (infer T extends AnyTopic)[] } ? T : never;

/** The context that a consumer's options call for. */
export type ContextOf<T extends AnyTopic, Options extends ConsumerOptions, Tx> = Options extends { readonly guarantee: 'at-least-once' | 'at-most-once' }
  ? OutsideContext<TopicOutput<T>, Tx, Published<Options>>
  : Options extends { readonly group: false }
    ? AloneContext<TopicOutput<T>, Tx, Published<Options>>
    : TransactionContext<TopicOutput<T>, Tx, Published<Options>>;

/** The context of a set handler. */
export type SetContextOf<T extends AnyTopic, Options extends ConsumerOptions, Tx> = SetContext<TopicOutput<T>, Tx, Published<Options>>;

/**
 * A handler with a name and policies. It is a value: making one starts nothing, so that tests, the prover and a worker's
 * main module can share it.
 */
export interface Consumer {
  readonly name: string;
  readonly topic: AnyTopic;
  readonly guarantee: Guarantee;
  readonly policies: Policies;
  /** One call for the whole group. */
  readonly set: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the handler's context is typed where it is declared; here only the engine calls it
  readonly handler: (context: any) => unknown;
}
