import type { Failure } from '../../core/delivery.ts';
import { SemelError } from '../../core/errors.ts';
import { identityKey, type SealedMessage } from '../../core/message.ts';
import { Mutex } from '../../core/mutex.ts';
import type { DeadLetter, InboxRecord, Replay, Subscription } from '../../core/store.ts';
import { MemoryQueue } from './memory-queue.ts';
import type { KeptContent, MemoryRow, StoredMessage } from './memory-row.ts';

/** A subscription with its rows. */
export interface MemorySubscription {
  subscription: Subscription;
  queue: MemoryQueue;
  joinedAtMs: number;
  seenAtMs: number;
  pausedUntilMs?: number;
}

/** How far a partition was read, and the epoch of who may read on. */
export interface MemoryPosition {
  position: string | undefined;
  epoch: number;
  /** An owner has it, or has died with it. */
  inHand: boolean;
  /** Owners in a row who have not got beyond it. */
  crashes: number;
}

/** A dead letter, with what a redrive needs. */
export interface Burial {
  consumer: string;
  readonly letter: Omit<DeadLetter, 'consumer' | 'message' | 'bytes'>;
  readonly content: KeptContent;
  /** The row that holds its key. */
  readonly held?: MemoryRow;
}

/**
 * The data of in-memory stores: what a database's files are to a database. Several stores can share one, as workers share a
 * database; it outlives each of them.
 */
export class MemoryState {
  /** The writer's lock. */
  readonly lock: Mutex = new Mutex();
  /** What handlers wrote. */
  readonly values: Map<string, unknown> = new Map();
  /** Per consumer, per identity. */
  readonly inbox: Map<string, Map<string, InboxRecord>> = new Map();
  /** Per identity. */
  readonly messages: Map<string, StoredMessage> = new Map();
  readonly subscriptions: Map<string, MemorySubscription> = new Map();
  /** Per consumer, per partition. */
  readonly positions: Map<string, Map<string, MemoryPosition>> = new Map();
  readonly deadLetters: Map<number, Burial> = new Map();
  readonly replays: Replay[] = [];
  /** Units of work that committed, and when. */
  readonly units: Map<string, number> = new Map();
  readonly #wakers = new Set<() => void>();
  #lastNumber = 0;
  #waking = false;

  /** Ever increasing, never given twice: items, fences, dead letters. */
  readonly nextNumber = (): number => ++this.#lastNumber;

  /** @throws SemelError `unknown-consumer` where it has not joined */
  subscription(name: string): MemorySubscription {
    const found = this.subscriptions.get(name);
    if (found === undefined) throw new SemelError('unknown-consumer', `${name} has not joined this store`, { details: { name } });
    return found;
  }

  newQueue(subscription: Subscription): MemoryQueue {
    return new MemoryQueue({ ordered: subscription.ordered, numbered: subscription.kind === 'route' }, this.nextNumber);
  }

  /** The records of a consumer, by identity. */
  records(consumer: string): Map<string, InboxRecord> {
    return getOrAdd(this.inbox, consumer, () => new Map());
  }

  partitions(consumer: string): Map<string, MemoryPosition> {
    return getOrAdd(this.positions, consumer, () => new Map());
  }

  /**
   * Whether the message is here already.
   *
   * @throws SemelError `identity-conflict` where it is, with another payload
   */
  knows(sealed: SealedMessage): boolean {
    const known = this.messages.get(identityKey(sealed.message))?.sealed;
    if (known === undefined) return false;
    if (known.fingerprint === sealed.fingerprint) return true;
    const { source, id } = sealed.message;
    throw new SemelError(
      'identity-conflict',
      `message ${id} of ${source} was published with another payload: recorded fingerprint ${known.fingerprint}, given ${sealed.fingerprint}`,
      {
        details: { source, id, recorded: known.fingerprint, received: sealed.fingerprint },
      },
    );
  }

  /** Keeps a message that is not here yet. */
  keep(sealed: SealedMessage, notBeforeMs: number, nowMs: number): StoredMessage {
    const stored = { sealed, publishedAtMs: nowMs, notBeforeMs, rows: 0 };
    this.messages.set(identityKey(sealed.message), stored);
    return stored;
  }

  /** The subscriptions that a published message is put into: the local consumers and the routes of its topic. */
  receivers(topic: string): MemorySubscription[] {
    return [...this.subscriptions.values()].filter(({ subscription }) => subscription.topic === topic && subscription.kind !== 'remote');
  }

  /** A row for each local consumer and each route of the message's topic. */
  fanOut(stored: StoredMessage, nowMs: number): void {
    for (const { queue } of this.receivers(stored.sealed.message.topic)) enqueue(queue, stored, nowMs);
    this.wake();
  }

  /** Calls back, soon, after rows may have become ready. */
  watch(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => this.#wakers.delete(wake);
  }

  wake(): void {
    if (this.#waking || this.#wakers.size === 0) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      for (const wake of this.#wakers) wake();
    });
  }
}

/** Puts a published message into one queue. */
export function enqueue(queue: MemoryQueue, stored: StoredMessage, nowMs: number): void {
  const { message, json, fingerprint } = stored.sealed;
  queue.add(
    { topic: message.topic, key: message.key, content: { message, json, fingerprint }, publishedAtMs: stored.publishedAtMs, attempts: 0, history: NO_HISTORY, stored },
    stored.notBeforeMs,
    nowMs,
  );
}

const NO_HISTORY: readonly Failure[] = [];

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
