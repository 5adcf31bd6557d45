/** A backlog of a local topic, and how its handling is timed. */
export interface Backlog {
  /** The name of its file. */
  readonly name: string;
  /** Messages that wait at first. */
  readonly size: number;
  /** Whether the file is kept for the next round: what was handled is gone from it. */
  readonly keep: boolean;
  /** Messages of the first sections, which are not timed: enough for the log to reach its full size. */
  readonly warmUp: number;
  /** Messages that are timed at a stretch. */
  readonly section: number;
  /** Whether a section is published only once the one before is through. */
  readonly refill: boolean;
  /** Messages that are timed at most, however short the time. */
  readonly most: number;
}

/** Times effects as they happen, each section from its first effect to its last: what lies between two sections does not count. */
export class EffectClock {
  readonly #backlog: Backlog;
  readonly #ms: number;
  readonly #ended: (over: boolean) => void;
  #effects = 0;
  #startMs = 0;
  #spentMs = 0;
  #timed = 0;

  /**
   * @param ms the time after which no section is begun
   * @param ended called after the last effect of each section, the untimed ones included
   */
  constructor(backlog: Backlog, ms: number, ended: (over: boolean) => void) {
    this.#backlog = backlog;
    this.#ms = ms;
    this.#ended = ended;
  }

  /** Effects per second. */
  get rate(): number {
    return (this.#timed * 1000) / this.#spentMs;
  }

  /** One effect happened. */
  tick(): void {
    const { warmUp, section, most } = this.#backlog;
    const place = this.#effects % section;
    this.#effects += 1;
    if (place === 0) this.#startMs = performance.now();
    if (place !== section - 1) return;
    if (this.#effects > warmUp) {
      this.#spentMs += performance.now() - this.#startMs;
      this.#timed += section - 1;
    }
    this.#ended(this.#spentMs >= this.#ms || this.#effects + section > warmUp + most);
  }
}
