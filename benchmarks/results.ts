import { writeFileSync } from 'node:fs';
import { type Machine, machineOf, type Probe } from './machine.ts';
import { type Comparison, type Measure, median, type Ratio, type Round, reaches, type Sample, summary } from './measure.ts';

/** What a suite writes with `--json`. */
export interface Results {
  readonly suite: string;
  readonly machine: Machine;
  /** Rounds behind each figure. */
  readonly runs: number;
  /** Figures that have a goal. */
  readonly ratios: readonly Figure[];
  /** Figures without one, for comparison. */
  readonly others: readonly Omit<Figure, 'goal'>[];
  /** Figures that could not be had. */
  readonly skipped: readonly Skipped[];
  /** Messages per second, by contender: medians over the rounds. */
  readonly rates: Readonly<Record<string, number>>;
  /** What else was measured, by contender: medians over the rounds. */
  readonly measures: Readonly<Record<string, Omit<Sample, 'rate'>>>;
}

/** The median of a ratio over the rounds, with its extremes. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly value: number;
  readonly goal: number;
  readonly better: 'higher' | 'lower';
  readonly min: number;
  readonly max: number;
}

/** A figure that could not be had, and why. */
export interface Skipped {
  readonly id: string;
  readonly reason: string;
}

/** A comparison with its rounds. */
export interface Measured {
  readonly comparison: Comparison;
  readonly rounds: readonly Round[];
  /** Why contenders could not run, by name. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Puts the figures of a suite together.
 * @param postgres the version of the server, where there was one
 */
export function resultsOf(suite: string, runs: number, measured: readonly Measured[], probes: readonly Probe[], postgres?: string): Results {
  const all = measured.flatMap((each) => each.comparison.ratios.map((ratio) => ({ goal: ratio.goal, ...outcomeOf(ratio, each) })));
  return {
    suite,
    machine: machineOf(probes, postgres),
    runs,
    ratios: all.flatMap(({ goal, figure }) => (figure === undefined || goal === undefined ? [] : [{ ...figure, goal }])),
    others: all.flatMap(({ goal, figure }) => (figure === undefined || goal !== undefined ? [] : [figure])),
    skipped: all.flatMap(({ skipped }) => skipped ?? []),
    rates: Object.fromEntries(measured.flatMap(({ rounds }) => mediansOf(rounds, ['rate']).map(([name, { rate = 0 }]) => [name, Math.round(rate)]))),
    measures: Object.fromEntries(measured.flatMap(({ rounds }) => mediansOf(rounds, OTHER_MEASURES))),
  };
}

const OTHER_MEASURES: readonly Measure[] = ['p50Ms', 'p99Ms', 'peakMb', 'firstMb', 'lastMb', 'walBytes'];

/** Writes results where a program reads them. */
export function writeResults(path: string, results: Results): void {
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** A line about a figure, for people. */
export function lineOf(figure: Omit<Figure, 'goal'> & { readonly goal?: number }): string {
  const { id, value, min, max, goal, better } = figure;
  const range = `(${min.toFixed(2)} to ${max.toFixed(2)})`;
  if (goal === undefined) return `${id}: ${value.toFixed(2)} ${range}, no goal`;
  return `${id}: ${value.toFixed(2)} ${range}, goal ${better === 'higher' ? 'at least' : 'at most'} ${goal}: ${reaches(figure, value) ? 'met' : 'MISSED'}`;
}

function outcomeOf(ratio: Ratio, { rounds, failures }: Measured): { readonly figure?: Omit<Figure, 'goal'>; readonly skipped?: Skipped } {
  const { id, title, better } = ratio;
  const found = summary(ratio, rounds);
  if (found === undefined) return { skipped: { id, reason: ratio.of.flatMap((name) => failures.get(name) ?? []).join('; ') } };
  return { figure: { id, title, value: rounded(found.value), better, min: rounded(found.min), max: rounded(found.max) } };
}

/** Of the measures given, by contender; contenders that have none of them are left out. */
function mediansOf(rounds: readonly Round[], measures: readonly Measure[]): readonly [string, Sample][] {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  return names.flatMap((name) => {
    const medians = measures.flatMap((measure) => {
      const values = rounds.flatMap((round) => round[name]?.[measure] ?? []);
      return values.length === 0 ? [] : [[measure, rounded(median(values))] as const];
    });
    return medians.length === 0 ? [] : [[name, Object.fromEntries(medians)] as [string, Sample]];
  });
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
