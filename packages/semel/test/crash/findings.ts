/** A row of a table of effects. */
export type Effect = { readonly order_id: string; readonly customer_id: string; readonly number: number };

/** Compares what is there with what must be there, and says in words where they differ. */
export class Findings {
  readonly faults: string[] = [];

  /** Each expected order once, no other, and those of a customer in the order in which they were placed. */
  exactly(what: string, effects: readonly Effect[], expected: readonly string[]): void {
    this.once(
      what,
      effects.map((effect) => effect.order_id),
      expected,
    );
    const last = new Map<string, number>();
    for (const { customer_id, number, order_id } of effects) {
      if ((last.get(customer_id) ?? -1) > number) this.faults.push(`${what}: ${order_id} of ${customer_id} is out of order`);
      last.set(customer_id, number);
    }
  }

  /** Each expected one once, and no other. */
  once(what: string, seen: readonly string[], expected: readonly string[]): void {
    const twice = seen.length - new Set(seen).size;
    if (twice > 0) this.faults.push(`${what}: ${twice} more than once`);
    this.missing(what, seen, expected);
    this.phantoms(what, seen, expected);
  }

  missing(what: string, seen: readonly string[], expected: readonly string[]): void {
    const known = new Set(seen);
    this.#list(
      what,
      'lost',
      expected.filter((id) => !known.has(id)),
    );
  }

  phantoms(what: string, seen: readonly string[], expected: readonly string[]): void {
    const known = new Set(expected);
    this.#list(
      what,
      'of messages that were never committed',
      seen.filter((id) => !known.has(id)),
    );
  }

  none(what: string, count: number): void {
    if (count !== 0) this.faults.push(`${what}: ${count}`);
  }

  #list(what: string, fault: string, ids: readonly string[]): void {
    if (ids.length > 0) this.faults.push(`${what}: ${ids.length} ${fault} (${ids.slice(0, 3).join(', ')})`);
  }
}
