const SAMPLES = 200;
const TENTH: number = SAMPLES / 10;

/** The memory that this process holds, over the messages that it handles. */
export class Footprint {
  readonly #every: number;
  readonly #megabytes: number[] = [];
  #handled = 0;

  /** @param count messages in all */
  constructor(count: number) {
    this.#every = count / SAMPLES;
  }

  /** It began with so many more. */
  tick(messages: number): void {
    this.#handled += messages;
    while (this.#megabytes.length < Math.floor(this.#handled / this.#every)) this.#megabytes.push(process.memoryUsage.rss() / 2 ** 20);
  }

  /** Means over the first and the last tenth of the messages. */
  get ends(): { readonly firstMb: number; readonly lastMb: number } {
    return { firstMb: mean(this.#megabytes.slice(0, TENTH)), lastMb: mean(this.#megabytes.slice(-TENTH)) };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
