import type { Identity } from './message.ts';

/**
 * The boundaries of the path, in the order in which a message passes them. A process can die at each of them,
 * and the crash suite kills one at each.
 */
export const CONSUMER_BOUNDARIES = ['received', 'begun', 'claimed', 'handling', 'handled', 'staged', 'committing', 'committed', 'settling', 'settled'] as const;

/** The boundaries of the relay. */
export const RELAY_BOUNDARIES = ['leased', 'publishing', 'published', 'marking', 'marked'] as const;

/** The boundaries of one migration step. */
export const MIGRATION_BOUNDARIES = ['migrating', 'migrated'] as const;

/** What becomes of single messages, and of workers. */
export const NOTICES = ['failed', 'retried', 'parked', 'buried', 'duplicate', 'lost', 'unknown', 'released', 'paused', 'resumed', 'trouble'] as const;

/** The name of a lifecycle event. */
export type LifecycleType = (typeof CONSUMER_BOUNDARIES)[number] | (typeof RELAY_BOUNDARIES)[number] | (typeof MIGRATION_BOUNDARIES)[number] | (typeof NOTICES)[number];

/** What happened, where, to which messages. Never carries payloads. */
export interface LifecycleEvent {
  readonly type: LifecycleType;
  /** The consumer, or the route of a relay. */
  readonly consumer?: string;
  readonly messages?: readonly Identity[];
  /** With `failed`, `trouble` and `unknown`: the error. With `paused`: the reason. */
  readonly error?: unknown;
  /** With `retried` and `paused`: for how long. */
  readonly afterMs?: number;
}

/** Sees every lifecycle event. A promise it returns is awaited before the engine goes on; what it throws is ignored. */
export type Observer = (event: LifecycleEvent) => void | Promise<void>;

/**
 * The one instrumentation seam. Where nobody listens `observed` is false and an event costs one property read.
 */
export class Lifecycle {
  readonly #observers = new Set<Observer>();

  /** Whether anybody listens; ask before building an event in a hot path. */
  get observed(): boolean {
    return this.#observers.size > 0;
  }

  /** Adds an observer; the returned function removes it. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Tells every observer, and waits for those that return a promise. */
  async emit(event: LifecycleEvent): Promise<void> {
    for (const observer of this.#observers) {
      try {
        await observer(event);
      } catch {
        // An observer can watch, delay or end the process; it cannot change what happens.
      }
    }
  }
}
