import type { FamilyReport } from './explore.ts';
import { failureText } from './failure.ts';

/** A mutant of the engine, and the promises that the explorer saw it break. */
export interface HuntedMutant {
  readonly id: string;
  readonly trap: string;
  /** Empty where it got away. */
  readonly caughtBy: readonly string[];
  readonly replay?: string;
}

/** What `--json` writes. */
export interface ProofReport {
  readonly seed: number;
  readonly seconds: number;
  readonly cells: readonly {
    readonly store: string;
    readonly transport: string;
    readonly fault: string;
    readonly step: string;
    readonly trials: number;
    readonly hits: number;
    readonly violations: number;
  }[];
  readonly exhaustive: {
    readonly schedules: number;
    readonly faults: number;
    readonly families: readonly { readonly family: string; readonly schedules: number; readonly covered: number; readonly exhausted: boolean; readonly seconds: number }[];
  };
  readonly random: { readonly seeds: number; readonly runs: number; readonly steps: number };
  readonly mutants: readonly HuntedMutant[];
  readonly failures: readonly { readonly check: string; readonly what: string; readonly replay: string }[];
}

/** Puts the families' reports together. */
export function reportOf(seed: number, seconds: number, families: readonly FamilyReport[], mutants: readonly HuntedMutant[]): ProofReport {
  const small = families.map(({ family, small: { schedules, covered, exhausted, seconds: took } }) => ({ family, schedules, covered, exhausted, seconds: took }));
  return {
    seed,
    seconds,
    cells: families.flatMap(({ family, count }) => count.cells.map((cell) => ({ store: 'model', transport: family, ...cell }))),
    exhaustive: { schedules: small.reduce((sum, { schedules }) => sum + schedules, 0), faults: families[0]?.small.faults ?? 0, families: small },
    random: {
      seeds: families[0]?.random.seeds ?? 0,
      runs: families.reduce((sum, { random }) => sum + random.seeds, 0),
      steps: families.reduce((sum, { random }) => sum + random.steps, 0),
    },
    mutants,
    failures: families.flatMap(({ failures }) => failures.map(({ check, what, replay }) => ({ check, what, replay }))),
  };
}

/** One family for people. `I8` is broken where something possible never came about, or too little succeeded for the rest to mean anything. */
export function familyText(report: FamilyReport): string {
  const { family, small, random, count, failures } = report;
  const missed = count.missed;
  const lines = [
    `${family}: ${small.schedules} schedules with up to ${small.faults} faults${small.exhausted ? ', which is all of them' : ''}, ${small.covered} covered by others · ${small.seconds} s`,
    `  ${random.seeds} seeds, ${random.steps} steps, ${random.done} of ${random.accepted} messages done · ${random.seconds} s`,
    `  ${count.cells.length} cells of fault and step: ${cellsText(report)}`,
  ];
  if (missed.length > 0) lines.push(`  I8 never hit: ${missed.join(', ')}`);
  if (isVacuous(report)) lines.push('  I8 fewer than half of the messages were done');
  return [...lines, ...failures.map(failureText)].join('\n');
}

/** Whether so little succeeded that the promises say nothing. */
export function isVacuous({ random: { accepted, done } }: FamilyReport): boolean {
  return accepted > 0 && done * 2 < accepted;
}

/** By the rule of three: of what never happened in N trials, fewer than 3/N happen, with 95 % confidence. */
function cellsText({ count, failures }: FamilyReport): string {
  const hits = count.cells.map((cell) => cell.hits).filter((each) => each > 0);
  const percent = (trials: number) => `${Math.min(100, 300 / trials).toPrecision(2)} %`;
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  if (failures.length > 0) return 'see the failures';
  return `0 violations in ${least} to ${most} trials each, so fewer than ${percent(least)} to ${percent(most)} at 95 %`;
}
