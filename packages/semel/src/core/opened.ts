/** Something that is opened at its first use, once for all who come at the same time, and anew after it failed or was given up. */
export class Opened<Value> {
  readonly #open: () => Promise<Value>;
  readonly #close: (value: Value) => Promise<void>;
  #value: Promise<Value> | undefined;

  constructor(open: () => Promise<Value>, close: (value: Value) => Promise<void>) {
    this.#open = open;
    this.#close = close;
  }

  /** Rejects as opening did; the next call tries again. */
  get(): Promise<Value> {
    if (this.#value !== undefined) return this.#value;
    const value = this.#open();
    this.#value = value;
    value.catch(() => this.#forget(value));
    return value;
  }

  /** It broke by itself: the next {@link get} opens anew. One that came after it is left alone. */
  broke(broken: Value): void {
    const value = this.#value;
    void value?.then(
      (current) => current === broken && this.#forget(value),
      () => {},
    );
  }

  /** Closes what is open. Idempotent; a later {@link get} opens again. */
  async close(): Promise<void> {
    const value = this.#value;
    this.#value = undefined;
    const opened = await value?.then(
      (open) => ({ open }),
      () => undefined,
    );
    if (opened !== undefined) await this.#close(opened.open);
  }

  #forget(value: Promise<Value>): void {
    if (this.#value === value) this.#value = undefined;
  }
}
