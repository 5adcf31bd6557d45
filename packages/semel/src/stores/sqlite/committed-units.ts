/** How many are remembered; beyond it the oldest goes. */
const MAX_UNITS = 4096;

/** The units of work that this store has committed of late. */
export class CommittedUnits {
  readonly #units = new Set<string>();

  add(unit: string): void {
    if (this.#units.size >= MAX_UNITS) this.#units.delete(this.#units.values().next().value as string);
    this.#units.add(unit);
  }

  has(unit: string): boolean {
    return this.#units.has(unit);
  }
}
