/**
 * Lets one suspect at a time run in a process: where two run at once and the process dies, both would be charged, and the innocent one
 * could be buried together with its neighbour (trap 51).
 */
export class SuspectTurn {
  readonly #refused = new Set<() => void>();
  #taken = false;

  /** Whether the turn is the caller's from now on, until it is given back. To whom it is refused is called back, once, when it is free again. */
  take(free: () => void): boolean {
    if (this.#taken) {
      this.#refused.add(free);
      return false;
    }
    this.#taken = true;
    return true;
  }

  /** Gives it back; for who has it. */
  giveBack(): void {
    this.#taken = false;
    const refused = [...this.#refused];
    this.#refused.clear();
    for (const free of refused) free();
  }
}
