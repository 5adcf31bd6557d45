import type { Comparison } from '../measure.ts';

/** What one name on the command line measures. */
export interface Suite {
  readonly full: Pace;
  readonly quick: Pace;
  /** @param quick whether a large table may be a smaller one */
  comparisons(quick: boolean): readonly Comparison[];
}

/** How often and how long. */
export interface Pace {
  readonly rounds: number;
  /** How long each contender runs in each round. */
  readonly ms: number;
  /** How long in a first round that is not counted: compilers warm up, logs reach their size, files that are kept are filled. 0 for none. */
  readonly warmUpMs: number;
  /** How long a contender waits for a machine that is busy. */
  readonly patienceMs: number;
}

/**
 * The comparisons with some of their figures, and no more contenders than those need.
 * @param only the id of a figure, or what the ids of several begin with: `postgres/1a`
 */
export function chosen(comparisons: readonly Comparison[], only: string): readonly Comparison[] {
  return comparisons.flatMap((comparison) => {
    const ratios = comparison.ratios.filter(({ id }) => id === only || id.startsWith(`${only}/`));
    const needed = new Set(ratios.flatMap(({ of }) => of));
    const contenders = Object.fromEntries(Object.entries(comparison.contenders).filter(([name]) => needed.has(name)));
    return ratios.length === 0 ? [] : [{ ...comparison, contenders, ratios }];
  });
}
