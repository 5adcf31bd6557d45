import type { AcquiredPartition } from './acquired-partition.ts';
import type { Archive } from './archive.ts';
import type { Delivery, Failure, Receipt } from './delivery.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Identity, Message, SealedMessage } from './message.ts';
import type { Runtime } from './runtime.ts';
import type { SuspectTurn } from './suspect-turn.ts';
import type { Feed } from './transport.ts';

/** What a store can do, as data: read by the start-up check, the shared suite and the docs. What is declared false is tested to refuse. */
export interface StoreCapabilities {
  /** `interactive`: a handler reads its own writes and holds locks. `collected`: writes are gathered and committed at the end. */
  readonly transactions: 'interactive' | 'collected';
  /** Survives the death of the process. */
  readonly durable: boolean;
  /** Several processes may use it at once. */
  readonly shared: boolean;
  /** Messages can be published inside a transaction that the user opened ({@link Store.enlist}). */
  readonly enlist: boolean;
  /** Handled messages have a record, by which they are known again, and those that gave up a list. */
  readonly inbox: boolean;
  readonly queue: boolean;
  readonly positions: boolean;
  readonly journal: boolean;
  /** What was handled can be handled again on purpose ({@link Replays}). */
  readonly replays: boolean;
  /** The most writes that one transaction carries; undefined where there is no such limit. */
  readonly maxWritesPerTransaction?: number;
}

/**
 * A database that holds effects, and beside them the record that a message was handled.
 *
 * Everything goes through `commit`: consumers, the relay's marks, business transactions and redrives differ only in the works they bring.
 */
export interface Store<Tx = unknown> {
  /** A word for messages and `explain`: `sqlite`, `memory`. */
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  /** Called once by the engine, before anything else: gives the store its clock and the lifecycle it reports to. Opens, checks or applies the schema. */
  open(context: StoreContext): Promise<void>;
  /** Waits for running commits, then closes. Idempotent. */
  close(): Promise<void>;
  /**
   * Runs works and commits their effects, records and messages; how they share transactions is the store's business.
   * Verdicts stand in the order of the works' items, flattened. Rejects with a SemelError where nothing at all was committed and
   * no message is to blame (disk full, busy, unreachable).
   */
  commit(works: readonly Work<Tx>[], options: CommitOptions): Promise<readonly Verdict[]>;
  /** After a lost reply: the fate of the unit of work that carried this id. */
  resolve(unit: string): Promise<'committed' | 'aborted' | 'unknown'>;
  /** A stage on the user's own open transaction; its commit publishes. Refuses what is not an open transaction of this database. */
  enlist?(tx: unknown): Stage;
  readonly inbox: Inbox;
  readonly registry: Registry;
  readonly deadLetters: DeadLetters;
  readonly queue?: Queue;
  readonly positions?: Positions;
  readonly journal?: Journal;
  readonly replays?: Replays;
  /** What feeds the relay of a route, to one at a time, where the store knows better than to be asked; absent where its queue does. */
  readonly outboxFeed?: (route: OutboxRoute) => Feed;
  /**
   * Refuses, before workers start, where the store was given too few connections for as many transactions at once and its own upkeep.
   * @throws SemelError `pool-too-small`, with the figure that would do
   */
  checkCapacity?(transactions: number): void;
  /**
   * Removes what is older than its retention, in small batches, and says how much; what no retention is given for stays. With an archive no message is
   * removed that is not in it; rejects with `archive-failed` where it refuses.
   */
  prune(retention: Partial<Retention>, options?: PruneOptions): Promise<PruneReport>;
}

/** A route whose relay is to be fed. */
export interface OutboxRoute {
  /** Its subscription. */
  readonly name: string;
  readonly topic: string;
  readonly leaseMs: number;
  readonly turn: SuspectTurn;
}

/** What the engine lends a store. */
export interface StoreContext {
  readonly runtime: Runtime;
  readonly lifecycle: Lifecycle;
}

/** One call of the user's code, with the messages it is for: one, several (a set handler), or none (a business transaction). */
export interface Work<Tx = unknown> {
  readonly items: readonly WorkItem[];
  /**
   * Called inside the transaction with the items that are fresh; never when there are items and none is fresh.
   * May be called again after a rollback. A throw undoes the whole work; a result of `failed` records one item's failure and keeps the rest.
   */
  run(scope: Scope<Tx>, fresh: readonly WorkItem[]): Promise<readonly ItemResult[]>;
}

/** One message of a work. */
export interface WorkItem {
  readonly delivery: Delivery;
  readonly receipt: Receipt;
  /** Absent where the bytes could not be decoded. */
  readonly message?: Message;
  /** The message's data as it arrived, canonical: what is parked or buried, whatever the handler did to the object. Present where `message` is. */
  readonly json?: string;
  /** Present where a record is to be kept: the inbox row. */
  readonly claim?: { readonly fingerprint: string };
}

/** What the user's code made of one fresh item. `result` is recorded where the consumer asks for it. */
export type ItemResult = { readonly ok: true; readonly result?: unknown } | { readonly ok: false; readonly error: unknown };

/** What user code sees of the transaction; revoked when its work settles, so that a forgotten await cannot land in a neighbour's turn. */
export interface Scope<Tx = unknown> extends Stage {
  readonly tx: Tx;
}

/** Puts messages into the transaction: into the queues of their topic's local consumers and into the outbox of its routes. */
export interface Stage {
  /**
   * Staging one identity twice is one message. Another payload under a known identity rejects with `identity-conflict`.
   * `notBeforeMs` (since 1970) delays it; its place in its key's order is then that of its due time.
   */
  stage(sealed: SealedMessage, options?: { readonly notBeforeMs?: number }): Promise<void>;
}

/** What is written about an item that was not done. */
export type Settlement =
  | {
      readonly kind: 'retry';
      readonly afterMs: number;
      readonly failure: Failure;
      /** Whether this try counts as an attempt; its number is the delivery's. */ readonly counted: boolean;
      /** Keep it in the store's own queue and acknowledge it at its transport. */
      readonly park: boolean;
    }
  | {
      readonly kind: 'dead';
      readonly reason: string;
      readonly failure: Failure;
      /** Its key waits until it is redriven or discarded. */
      readonly holdKey: boolean;
    };

/** The bounds and the voice of one commit. */
export interface CommitOptions {
  /** The consumer or route that the items belong to; absent for a business transaction. */
  readonly subscription?: string;
  /** Names the unit of work, so that a lost reply can be resolved; unique. */
  readonly unit: string;
  /** Once this much time is spent, what is done commits, and the rest is `released`. */
  readonly budgetMs?: number;
  /** Run the works of a transaction at once: the user says that they commute. Savepoints of theirs would undo one another, and are refused. */
  readonly concurrent?: boolean;
  /** Keep the order of keys: after a failure the later items of its key are held. */
  readonly ordered?: boolean;
  readonly signal?: AbortSignal;
  /** Decides, without side effects, what becomes of an item that failed. `undefined`: the message is not to blame; release it. */
  onFailure(item: WorkItem, error: unknown): Settlement | undefined;
}

/** What a commit says of an item. `failed` carries what was recorded of it. */
export type Verdict =
  | { readonly kind: 'done'; readonly result?: unknown }
  | { readonly kind: 'duplicate'; readonly result?: unknown }
  /** The record says that it died before; it is acknowledged without running. */
  | { readonly kind: 'buried' }
  | { readonly kind: 'failed'; readonly settlement: Settlement; readonly error: unknown }
  /** Its key waits for a predecessor. `parked` where it now waits in the store's own queue. */
  | { readonly kind: 'held'; readonly parked: boolean }
  | { readonly kind: 'released'; readonly error?: unknown }
  /** The fence or epoch is another's: this owner is a zombie, and nothing of its work was kept. */
  | { readonly kind: 'lost' }
  /** A position that was passed already, or that lies ahead of the record, under the owner's own epoch. */
  | { readonly kind: 'moved'; readonly position: string | undefined }
  | { readonly kind: 'unknown' };

/** The records of handled messages. */
export interface Inbox {
  get(consumer: string, identity: { readonly source: string; readonly id: string }): Promise<InboxRecord | undefined>;
  /** Records ids as handled without handling them (they were, before Semel came). Existing records stay. Returns how many were new. */
  import(consumer: string, records: readonly ImportedRecord[]): Promise<number>;
}

/** A message that was handled before. */
export interface ImportedRecord extends Identity {
  /** @default any payload passes for a duplicate */
  readonly fingerprint?: string;
  /** When it was handled, in milliseconds since 1970: its record's age. What lies ahead counts as now. @default now */
  readonly atMs?: number;
}

/** One inbox row. */
export interface InboxRecord {
  readonly state: 'done' | 'dead';
  readonly fingerprint: string;
  readonly result?: unknown;
  readonly atMs: number;
}

/** Who receives what: `local` consumers get a row per message at publish; `remote` ones are fed by a transport and use the queue for parked messages alone; a `route` is an outbox to a publisher. */
export interface Subscription {
  /** Unique: a consumer's name, or `topic>route` for a route. */
  readonly name: string;
  readonly kind: 'local' | 'remote' | 'route';
  readonly topic: string;
  readonly ordered: boolean;
}

/** A subscription as it stands in the store. */
export interface SubscriptionState extends Subscription {
  readonly joinedAtMs: number;
  /** Last time a process started it. */
  readonly seenAtMs: number;
  /** Nothing is leased before this time; Infinity until resumed; undefined when not paused. */
  readonly pausedUntilMs?: number;
  /** Rows that wait, are in flight, wait for a retry, or hold their key as dead. */
  readonly backlog: { readonly ready: number; readonly inFlight: number; readonly retrying: number; readonly held: number };
  /** When the oldest waiting message was published. */
  readonly oldestMs?: number;
  readonly deadLetters: number;
}

/** The subscriptions are rows: joining, renaming, pausing and leaving are explicit acts. */
export interface Registry {
  /**
   * Idempotent; refused with `duplicate-name` where the name stands for another topic. A new local subscription receives what is retained from `from` on. A previous name hands over its
   * records, backlog and dead letters in the same transaction.
   */
  join(subscription: Subscription, options: { readonly from: 'beginning' | 'now' | { readonly sinceMs: number }; readonly previousNames?: readonly string[] }): Promise<void>;
  /** Removes the subscription, its backlog, records and dead letters. Returns what was removed. */
  leave(name: string): Promise<{ readonly backlog: number; readonly records: number; readonly deadLetters: number }>;
  /** Nothing of it is leased, in any process, until the time given or `resume`. */
  pause(name: string, untilMs: number): Promise<void>;
  resume(name: string): Promise<void>;
  /** Until when it is paused: Infinity until resumed, undefined where it is not, or not known. */
  pausedUntilMs(name: string): Promise<number | undefined>;
  list(): Promise<readonly SubscriptionState[]>;
}

/**
 * Durable messages of local topics, parked retries, and the outbox: a row per (message, subscription).
 * Per key only the head is ever ready, so a lease on it is a lock on the key.
 */
export interface Queue {
  /**
   * Marks up to `max` ready messages as in flight, durably, before any of them is handled; of an ordered subscription whole runs of a key, in order.
   * Rows whose lease ran out get a new fence, and come back as `suspect`, one per call, their attempt counted here; only where `suspects` is true.
   */
  lease(subscription: string, options: { readonly max: number; readonly leaseMs: number; readonly suspects: boolean }): Promise<readonly Delivery[]>;
  /** Prolongs leases; returns the items that are another's by now. */
  extend(subscription: string, items: readonly ItemReceipt[], leaseMs: number): Promise<readonly ItemReceipt[]>;
  /** Gives back what was not begun; costs no attempt. What is another's by now is left alone. */
  release(subscription: string, items: readonly ItemReceipt[]): Promise<void>;
  /** When something is next due, in ms since 1970: past or now if ready; undefined if nothing will be without a new event. */
  nextDueMs(subscription: string): Promise<number | undefined>;
  /** Calls back, soon, after messages may have become ready, here or in another process. A hint: the caller polls as well. */
  watch(wake: () => void): () => void;
}

/** The receipt of a queue item. */
export type ItemReceipt = Extract<Receipt, { readonly kind: 'item' }>;

/** How far each consumer has read each partition of a log. */
export interface Positions {
  /** Takes the partitions over: each gets a new epoch, which fences every earlier owner. */
  acquire(consumer: string, partitions: readonly string[]): Promise<readonly AcquiredPartition[]>;
  /** Gives them up with nothing in hand, so that who acquires them next suspects nothing. What is another's by now is left alone. */
  release(consumer: string, partitions: readonly { readonly partition: string; readonly epoch: number }[]): Promise<void>;
}

/** Messages that gave up. */
export interface DeadLetters {
  list(filter?: { readonly consumer?: string; readonly limit?: number; readonly afterId?: number }): Promise<readonly DeadLetter[]>;
  get(id: number): Promise<DeadLetter | undefined>;
  /**
   * Sends it back with its identity, attempts from zero, all in one transaction. Its record is reopened, whatever it says: an at-most-once
   * handler's says `done` before it begins. False if it is not there; `not-redrivable` where it has no message, or an id that is another's.
   */
  redrive(id: number): Promise<boolean>;
  /** Forgets it; its record stays `dead`, so a late redelivery stays out. Its key goes on. False if it is not there. */
  discard(id: number): Promise<boolean>;
}

/** A message that gave up, with why and what it carried. */
export interface DeadLetter {
  readonly id: number;
  readonly consumer: string;
  readonly topic: string;
  readonly source: string;
  readonly messageId: string;
  readonly key?: string;
  /** An {@link ErrorCode}, or the code or name of the handler's error. */
  readonly reason: string;
  /** Oldest first. */
  readonly history: readonly Failure[];
  readonly diedAtMs: number;
  /** Present where it could be decoded. */
  readonly message?: Message;
  /** The raw bytes of what could not. */
  readonly bytes?: Uint8Array;
}

/** Repetition on purpose: what is still kept of a topic is handled once more by one of its subscriptions. */
export interface Replays {
  /**
   * Puts the messages of the range into the subscription's queue as a redrive does: under their identity, attempts from zero, their records
   * reopened. What waits there already stays as it is, and what died is left to {@link DeadLetters}. Works in batches, each in one
   * transaction with the count of its record, so that the record is true whenever it is interrupted. Rejects with `unknown-consumer`.
   */
  replay(request: ReplayRequest): Promise<Replay>;
  /** How many messages a replay would take; changes nothing. Rejects with `unknown-consumer`. */
  count(range: ReplayRange): Promise<number>;
  /** The records of replays, oldest first. They are never pruned. */
  list(filter?: { readonly consumer?: string }): Promise<readonly Replay[]>;
}

/** Messages of a subscription's topic, by the time of their publication in milliseconds since 1970, by the store's clock. */
export interface ReplayRange {
  /** The consumer or route. */
  readonly consumer: string;
  readonly fromMs: number;
  /** Exclusive. @default the time of the call, which is also the latest */
  readonly toMs?: number;
  /** Of the range only these message ids. */
  readonly ids?: readonly string[];
}

/** A replay as it is asked for: by whom, and why. */
export interface ReplayRequest extends ReplayRange {
  readonly by: string;
  readonly reason: string;
}

/** The record of a replay. */
export interface Replay extends ReplayRequest {
  readonly id: number;
  readonly toMs: number;
  readonly atMs: number;
  /** How many were put into the queue. */
  readonly messages: number;
}

/**
 * The place of effects that cannot join a transaction: begin under a fence, run, complete with the result.
 * No store has it yet; the engine refuses what needs it.
 */
export interface Journal {
  begin(entry: {
    readonly name: string;
    readonly key: string;
    readonly leaseMs: number;
  }): Promise<
    | { readonly kind: 'begun'; readonly fence: number }
    | { readonly kind: 'done'; readonly result: unknown }
    | { readonly kind: 'busy' }
    | { readonly kind: 'indeterminate'; readonly fence: number }
  >;
  complete(entry: { readonly name: string; readonly key: string; readonly fence: number }, result: unknown): Promise<void>;
}

/** How long what is finished is kept, in milliseconds. */
export interface Retention {
  /** Inbox rows: the dedup window. */
  readonly inboxMs: number;
  /** Messages that every subscription is done with: how far back a new consumer can join, and how long a second publish of one id is recognised. */
  readonly messagesMs: number;
  /** Dead letters; undefined keeps them until someone decides. */
  readonly deadLettersMs?: number;
}

/** What happens to messages before they are removed. */
export interface PruneOptions {
  readonly archive?: Archive;
}

/** What a prune removed. */
export interface PruneReport {
  readonly inbox: number;
  readonly messages: number;
  readonly deadLetters: number;
}
