/** Counts handled messages. */
export class Countdown {
  /** Resolves when the last was counted. */
  readonly over: Promise<void>;
  #left: number;
  #end = (): void => {};

  constructor(count: number) {
    this.#left = count;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** So many more were handled. */
  tick(count = 1): void {
    this.#left -= count;
    if (this.#left <= 0) this.#end();
  }
}
