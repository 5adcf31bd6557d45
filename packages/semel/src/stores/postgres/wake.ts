import type { Runtime } from '../../core/runtime.ts';
import type { Driver } from './driver.ts';

/** The shortest time between two notifications of one process: one tells of everything that was committed before it. */
const NOTIFY_GAP_MS = 5;
/** How long to wait before listening again, at first and at most. */
const RETRY_MS = { first: 100, most: 10_000 } as const;

/**
 * Tells those who wait for messages that some may have become ready: at once after a commit of this process, soon after one of another,
 * by NOTIFY. A notification is sent after the commit, on its own: inside it, all commits of the database that notify would
 * stand in one line (trap 6). One that is lost costs nothing but a poll.
 */
export class Wake {
  readonly #driver: Driver<unknown>;
  readonly #channel: string;
  readonly #listens: boolean;
  readonly #notifies: boolean;
  readonly #runtime: Runtime;
  readonly #listeners = new Set<() => void>();
  #stopListening: Promise<() => Promise<void>> | undefined;
  #sending = false;
  #again = false;
  #cancelPause: () => void = () => {};
  #closed = false;

  constructor(driver: Driver<unknown>, channel: string, listens: boolean, notifies: boolean, runtime: Runtime) {
    this.#driver = driver;
    this.#channel = channel;
    this.#listens = listens && driver.listen !== undefined;
    this.#notifies = notifies;
    this.#runtime = runtime;
  }

  /** Adds a listener; the returned function removes it. A connection listens only while there is one. */
  watch(listener: () => void): () => void {
    const entry = () => listener();
    this.#listeners.add(entry);
    if (this.#listens && !this.#closed) this.#stopListening ??= this.#listen();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) void this.#unlisten();
    };
  }

  /** Messages may have become ready by a commit of this process. */
  published(): void {
    this.#ring();
    if (!this.#notifies || this.#closed) return;
    if (this.#sending) this.#again = true;
    else void this.#send();
  }

  /** Stops listening, and lets the last notification go out. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPause();
    this.#listeners.clear();
    await this.#unlisten();
  }

  #ring(): void {
    for (const listener of this.#listeners) listener();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    this.#again = false;
    await this.#driver.pool.query('select pg_notify($1, $2)', [this.#channel, '']).catch(() => {}); // a hint; the others poll
    if (this.#closed) return;
    this.#cancelPause = this.#runtime.scheduler.after(NOTIFY_GAP_MS, () => {
      this.#sending = false;
      if (this.#again) void this.#send();
    });
  }

  /** Listens until it is told to stop, again and again where the connection is lost. */
  async #listen(): Promise<() => Promise<void>> {
    let stopped = false;
    let end: (() => Promise<void>) | undefined;
    let cancel = () => {};
    let waitMs: number = RETRY_MS.first;
    const attempt = async (): Promise<void> => {
      if (stopped) return;
      try {
        end = await this.#driver.listen?.(this.#channel, () => this.#ring(), later);
        waitMs = RETRY_MS.first;
        if (stopped) await end?.();
        else this.#ring(); // what came while nobody listened
      } catch {
        later();
      }
    };
    const later = () => {
      end = undefined;
      if (stopped) return;
      cancel = this.#runtime.scheduler.after(waitMs, () => void attempt());
      waitMs = Math.min(waitMs * 2, RETRY_MS.most);
    };
    await attempt();
    return async () => {
      stopped = true;
      cancel();
      await end?.();
    };
  }

  async #unlisten(): Promise<void> {
    const stop = this.#stopListening;
    this.#stopListening = undefined;
    await (await stop)?.();
  }
}
