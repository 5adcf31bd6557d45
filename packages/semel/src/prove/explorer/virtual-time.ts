import type { Runtime } from '../../core/runtime.ts';
import { sleepBy } from '../../core/sleep-by.ts';
import { MinHeap } from '../../testing/min-heap.ts';

/** Whose a timer is. Those of a frozen owner wait, those of a dead one never fire. */
export interface TimerOwner {
  readonly state: 'up' | 'frozen' | 'down';
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly owner: TimerOwner;
  callback: (() => void) | undefined;
}

/** A clock that moves only when it is told to, for several processes at once. */
export class VirtualTime {
  readonly startMs: number = Date.UTC(2026, 0, 1);
  readonly #timers = new MinHeap<Timer>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));
  #yielded: { readonly owner: TimerOwner; readonly resume: () => void }[] = [];
  #nowMs = this.startMs;
  #order = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(owner: TimerOwner, ms: number, callback: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, Math.ceil(ms)), order: this.#order++, owner, callback };
    this.#timers.push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  /** The scheduler of one process. */
  schedulerOf(owner: TimerOwner): Runtime['scheduler'] {
    return {
      after: (ms, callback) => this.after(owner, ms, callback),
      yield: () => new Promise((resume) => this.#yielded.push({ owner, resume })),
      sleep: (ms, signal) => sleepBy((wait, wake) => this.after(owner, wait, wake), ms, signal),
    };
  }

  /** Lets those go on that let others run first; whether there were any. */
  resumeYielded(): boolean {
    const due = this.#yielded.filter(({ owner }) => owner.state !== 'frozen');
    if (due.length === 0) return false;
    this.#yielded = this.#yielded.filter(({ owner }) => owner.state === 'frozen');
    for (const { owner, resume } of due) if (owner.state === 'up') resume();
    return true;
  }

  /** Moves to the next time at which a timer falls due, and fires all of that time, in their order. False where there is none. */
  tick(): boolean {
    const waiting: Timer[] = [];
    let dueMs: number | undefined;
    for (let timer = this.#timers.peek(); timer !== undefined && timer.atMs <= (dueMs ?? Number.POSITIVE_INFINITY); timer = this.#timers.peek()) {
      this.#timers.pop();
      if (timer.callback === undefined || timer.owner.state === 'down') continue;
      if (timer.owner.state === 'frozen') waiting.push(timer);
      else {
        dueMs = Math.max(this.#nowMs, timer.atMs);
        this.#nowMs = dueMs;
        timer.callback();
      }
    }
    for (const timer of waiting) this.#timers.push(timer);
    return dueMs !== undefined;
  }
}
