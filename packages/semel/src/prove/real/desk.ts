import { Processor } from '../../consumer/processor.ts';
import { Worker } from '../../consumer/worker.ts';
import type { LifecycleEvent } from '../../core/lifecycle.ts';
import type { Scope } from '../../core/store.ts';
import { storeThrough } from '../once/store-through.ts';
import type { Subject } from '../once/subject.ts';
import { type FromWorker, sentError, type ToWorker } from './protocol.ts';
import { SentFeed } from './sent-feed.ts';

/** How long a message may be in a worker's hands without a sign of life. Short: a worker is stopped for longer. */
export const LEASE_MS = 150;
const MOST_AT_ONCE = 100;

/**
 * The inside of a worker's process: it handles what it is sent with the loop, the leases and the path of every worker, tells of each boundary, and stands still
 * where it is to.
 */
export class Desk<Tx> {
  readonly #subject: Subject<Tx>;
  readonly #say: (message: FromWorker) => void;
  readonly #feeds: { readonly own: SentFeed; readonly control: SentFeed };
  #trial = 0;
  #standAt: string | undefined;
  #goOn: () => void = () => {};

  constructor(subject: Subject<Tx>, say: (message: FromWorker) => void) {
    this.#subject = subject;
    this.#say = say;
    this.#feeds = { own: new SentFeed(say), control: new SentFeed(say) };
  }

  /** Begins to work; whatever its workers do, they do in its name. */
  start(): void {
    const { engine, consumer, control, lifecycle } = this.#subject;
    const store = storeThrough(engine.store, (scope) => this.#owned(scope));
    for (const [own, feed] of [
      [consumer, this.#feeds.own],
      [control, this.#feeds.control],
    ] as const) {
      const { gate, process } = new Processor({ ...engine, store }, own, false);
      const worker = new Worker({ name: own.name, gate, process }, feed, engine.runtime, lifecycle, { max: MOST_AT_ONCE, concurrency: 1, leaseMs: LEASE_MS });
      void lifecycle.as(this, async () => worker.start());
    }
  }

  /** Does what it is told. */
  hear(message: ToWorker): void {
    if (message.kind === 'go') {
      for (const feed of Object.values(this.#feeds)) feed.lose();
      return this.#goOn();
    }
    this.#trial = message.trial;
    this.#standAt = message.standAt;
    this.#feeds[message.control ? 'control' : 'own'].take(message.deliveries, this.#subject.consumer.topic.name);
  }

  /** At every event of its own. */
  async reach({ type, messages = [], error }: LifecycleEvent): Promise<void> {
    const stands = type === this.#standAt;
    this.#say({ kind: 'reached', at: type, ids: messages.map(({ id }) => id), stands, ...(error === undefined ? {} : { error: sentError(error) }) });
    if (!stands) return;
    this.#standAt = undefined;
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
  }

  #owned({ tx, stage }: Scope<Tx>): Scope<Tx> {
    return { tx, stage: (sealed, options) => stage(this.#subject.own(sealed, this.#trial), options) };
  }
}
