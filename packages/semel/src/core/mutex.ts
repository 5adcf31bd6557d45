/** One holder at a time, first come, first served. */
export class Mutex {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves with the function that gives it back; calling that again does nothing. */
  async acquire(): Promise<() => void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
    let mine = true;
    return () => {
      if (mine) this.#release();
      mine = false;
    };
  }

  /** Runs `task` while nobody else holds it. */
  async run<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    const release = await this.acquire();
    try {
      return await task();
    } finally {
      release();
    }
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held = false;
    else next(); // stays held: it passes from hand to hand, so that nobody slips in between
  }
}
