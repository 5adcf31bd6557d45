import type { Runtime } from '../../core/runtime.ts';
import type { Driver } from './driver.ts';

/** The shortest time between two wake-ups: one tells of everything that was committed before it, and each costs every waiting consumer a look. */
const GAP_MS = 5;
/** How long to wait before listening again, at first and at most. */
const RETRY_MS = { first: 100, most: 10_000 } as const;

/**
 * Tells those who wait for messages that some may have become ready: at once after a commit of this process, soon after one of another,
 * by NOTIFY. A notification is sent after the commit, on its own: inside it, all commits of the database that notify would
 * stand in one line (trap 6). One that is lost costs nothing but a poll.
 */
export class Wake {
  /** Whether a connection listens while somebody waits for messages. */
  readonly listens: boolean;
  readonly #driver: Driver<unknown>;
  readonly #channel: string;
  readonly #notifies: boolean;
  readonly #runtime: Runtime;
  readonly #listeners = new Set<() => void>();
  #stopListening: Promise<() => Promise<void>> | undefined;
  #resting = false;
  #again = false;
  #cancelPause: () => void = () => {};
  #closed = false;

  constructor(driver: Driver<unknown>, channel: string, listens: boolean, notifies: boolean, runtime: Runtime) {
    this.#driver = driver;
    this.#channel = channel;
    this.listens = listens && driver.listen !== undefined;
    this.#notifies = notifies;
    this.#runtime = runtime;
  }

  /** Adds a listener; the returned function removes it. A connection listens only while there is one. */
  watch(listener: () => void): () => void {
    const entry = () => listener();
    this.#listeners.add(entry);
    if (this.listens && !this.#closed) this.#stopListening ??= this.#listen();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) void this.#unlisten();
    };
  }

  /** Messages may have become ready by a commit of this process: tells at once, and then again after a moment of what came meanwhile. */
  published(): void {
    if (this.#closed) return;
    if (this.#resting) this.#again = true;
    else this.#tell();
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

  #tell(): void {
    this.#again = false;
    this.#resting = true;
    this.#ring();
    if (this.#notifies) void this.#driver.pool.query('select pg_notify($1, $2)::text', [this.#channel, '']).catch(() => {}); // a hint; the others poll
    this.#cancelPause = this.#runtime.scheduler.after(GAP_MS, () => {
      this.#resting = false;
      if (this.#again) this.#tell();
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
      let lost = false;
      const again = () => {
        if (!lost) later(); // told once, whether by the connection, the refusal or both
        lost = true;
      };
      try {
        end = await this.#driver.listen?.(this.#channel, () => this.#ring(), again);
        waitMs = RETRY_MS.first;
        if (stopped) await end?.();
        else this.#ring(); // what came while nobody listened
      } catch {
        again();
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
