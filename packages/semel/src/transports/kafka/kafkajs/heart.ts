import type { Scheduler } from '../../../core/runtime.ts';

/** Why a generation is over for a member. */
export type End = 'rebalance' | 'evicted' | 'topic-changed' | 'topic-anew' | 'closing';

/** Beats until it is stopped: also after the generation's end was heard, for what is in hand is finished under its session. */
export class Heart {
  readonly ended: Promise<End>;
  readonly #end: (why: End) => void;
  readonly #stopping = new AbortController();
  #over = false;

  /** @param beat answers with the end where it learns of it; it does not reject */
  constructor(scheduler: Scheduler, everyMs: number, beat: () => Promise<End | undefined>) {
    const { promise, resolve } = Promise.withResolvers<End>();
    this.ended = promise;
    this.#end = resolve;
    void this.#live(scheduler, everyMs, beat);
  }

  /** Whether the end was heard. */
  get over(): boolean {
    return this.#over;
  }

  /** The first reason counts. */
  end(why: End): void {
    this.#over = true;
    this.#end(why);
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #live(scheduler: Scheduler, everyMs: number, beat: () => Promise<End | undefined>): Promise<void> {
    for (;;) {
      await scheduler.sleep(everyMs, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      const end = await beat();
      if (end !== undefined) this.end(end);
      if (end === 'evicted') return;
    }
  }
}
