/** Counts messages. */
export class Countdown {
  /** Resolves when the last was counted. */
  readonly over: Promise<void>;
  #left: number;
  #end = (): void => {};
  #beganMs: number | undefined;

  constructor(count: number) {
    this.#left = count;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** When the first was counted, or it was said to begin. */
  get beganMs(): number {
    return this.#beganMs ?? Number.NaN;
  }

  /** The first is at hand. */
  begin(): void {
    this.#beganMs ??= performance.now();
  }

  /** So many more. */
  tick(count = 1): void {
    this.begin();
    this.#left -= count;
    if (this.#left <= 0) this.#end();
  }
}
