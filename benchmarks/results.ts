import { writeFileSync } from 'node:fs';
import { type Machine, machineOf, type Probe } from './machine.ts';
import { type Comparison, median, type Ratio, type Round, reaches, summary } from './measure.ts';

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
  /** Messages per second, by contender: medians over the rounds. */
  readonly rates: Readonly<Record<string, number>>;
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

/** A comparison with its rounds. */
export interface Measured {
  readonly comparison: Comparison;
  readonly rounds: readonly Round[];
}

/** Puts the figures of a suite together. */
export function resultsOf(suite: string, runs: number, measured: readonly Measured[], probes: readonly Probe[]): Results {
  const all = measured.flatMap(({ comparison, rounds }) => comparison.ratios.map((ratio) => ({ ratio, rounds })));
  return {
    suite,
    machine: machineOf(probes),
    runs,
    ratios: all.flatMap(({ ratio, rounds }) => (ratio.goal === undefined ? [] : [{ ...figureOf(ratio, rounds), goal: ratio.goal }])),
    others: all.filter(({ ratio }) => ratio.goal === undefined).map(({ ratio, rounds }) => figureOf(ratio, rounds)),
    rates: Object.fromEntries(measured.flatMap(ratesOf)),
  };
}

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

function figureOf(ratio: Ratio, rounds: readonly Round[]): Omit<Figure, 'goal'> {
  const { id, title, better } = ratio;
  const { value, min, max } = summary(ratio, rounds);
  return { id, title, value: rounded(value), better, min: rounded(min), max: rounded(max) };
}

function ratesOf({ rounds }: Measured): [string, number][] {
  const names = Object.keys(rounds[0] ?? {});
  return names.map((name) => [name, Math.round(median(rounds.map((round) => round[name] as number)))]);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
