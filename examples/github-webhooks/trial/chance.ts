import { hash } from 'node:crypto';

/** Everything random of a trial, decided by its seed. */
export class Chance {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor((hash('sha256', `${this.#seed}/${this.#drawn++}`, 'buffer').readUInt32BE() / 2 ** 32) * limit);
  }

  /** A copy in random order (Fisher and Yates). */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const mixed = [...items];
    for (let last = mixed.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [mixed[last], mixed[other]] = [mixed[other] as Item, mixed[last] as Item];
    }
    return mixed;
  }

  /** Some of them, in random order. */
  sample<Item>(items: readonly Item[], count: number): Item[] {
    return this.shuffled(items).slice(0, count);
  }
}
