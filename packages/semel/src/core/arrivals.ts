import { Bell } from './bell.ts';

/** What a broker pushes, held until it is asked for. Its bound is the sender's: prefetch, or a pause. */
export class Arrivals<Item> {
  #items: Item[] = [];
  #over = false;
  readonly #bell = new Bell();

  get size(): number {
    return this.#items.length;
  }

  /** After the end it changes nothing. */
  add(...items: readonly Item[]): void {
    if (this.#over) return;
    this.#items.push(...items);
    this.#bell.ring();
  }

  /** Up to `max` items, at least one; none once `signal` aborts or this has ended. */
  async take(max: number, signal: AbortSignal): Promise<readonly Item[]> {
    while (this.#items.length === 0 && !signal.aborted && !this.#over) await this.#bell.rung(signal);
    return signal.aborted ? [] : this.#items.splice(0, max);
  }

  /** Takes out all that fit: the broker has them for another by now. */
  drop(isGone: (item: Item) => boolean): readonly Item[] {
    const gone = this.#items.filter(isGone);
    this.#items = this.#items.filter((item) => !isGone(item));
    return gone;
  }

  /** Ends all waits; answers what nobody took. */
  end(): readonly Item[] {
    this.#over = true;
    const left = this.#items.splice(0);
    this.#bell.ring();
    return left;
  }
}
