/**
 * Lets one suspect at a time run in a process: where two run at once and the process dies, both would be charged, and the innocent one
 * could be buried together with its neighbour (trap 51).
 */
export class SuspectTurn {
  readonly #waiting = new Set<() => void>();
  #taken = false;

  /** Whether the turn is the caller's from now on, until it is given back. */
  take(): boolean {
    if (this.#taken) return false;
    this.#taken = true;
    return true;
  }

  /** Gives it back; for who has it. */
  giveBack(): void {
    this.#taken = false;
    for (const wake of this.#waiting) wake();
  }

  /** Calls back whenever the turn is free again; the returned function ends that. */
  watch(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }
}
