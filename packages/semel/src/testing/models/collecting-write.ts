/** Why a write cannot be made: the records have changed since they were read, or its own condition does not hold. */
export type Refusal = { readonly kind: 'stale' } | { readonly kind: 'failed'; readonly error: unknown };

/** A write that waits for its transaction. */
export interface CollectedWrite {
  readonly what: 'effect' | 'message' | 'record';
  /** How many of a transaction's writes it takes. */
  readonly weight: number;
  /** What it writes to; no two writes of one transaction may share one. */
  readonly touches: readonly string[];
  /** Asked at the commit, before anything is written. */
  refusal(): Refusal | undefined;
  apply(): void;
}

/** Writes that stand or fall together, of one work. */
export interface Bundle<Work> {
  readonly work: Work;
  readonly writes: readonly CollectedWrite[];
}

/** How many of a transaction's writes these take. */
export function weightOf(writes: readonly CollectedWrite[]): number {
  return writes.reduce((sum, { weight }) => sum + weight, 0);
}

/** Puts bundles into transactions of at most `max` writes, in order; what writes to one key twice goes into two. */
export function packBundles<Work>(bundles: readonly Bundle<Work>[], max: number): Bundle<Work>[][] {
  const packs: Bundle<Work>[][] = [];
  let touched = new Set<string>();
  let weight = Number.POSITIVE_INFINITY;
  for (const bundle of bundles) {
    const touches = bundle.writes.flatMap((write) => write.touches);
    weight += weightOf(bundle.writes);
    if (weight > max || touches.some((key) => touched.has(key))) {
      packs.push([]);
      touched = new Set();
      weight = weightOf(bundle.writes);
    }
    packs.at(-1)?.push(bundle);
    for (const key of touches) touched.add(key);
  }
  return packs;
}
