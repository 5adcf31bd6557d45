import type { FamilyReport } from './explore.ts';
import type { RealReport } from './real/campaign.ts';

/** A mutant, and what caught it: promises that the explorer saw it break, or tests. */
export interface CaughtMutant {
  readonly id: string;
  readonly trap: string;
  /** Empty where it got away. */
  readonly caughtBy: readonly string[];
  readonly replay?: string;
}

/** How often a fault could befall a step, how often it did, and how often a promise was broken then. */
export interface ReportedCell {
  /** `model`, or a real store. */
  readonly store: string;
  /** A family of contracts, or a real transport. */
  readonly transport: string;
  readonly fault: string;
  readonly step: string;
  readonly trials: number;
  readonly hits: number;
  readonly violations: number;
}

/** Every schedule of two workers and one message, over one family of contracts. */
export interface ReportedFamily {
  readonly family: string;
  readonly faults: number;
  readonly schedules: number;
  /** Given up because others cover them. */
  readonly covered: number;
  /** Whether these were all. */
  readonly exhausted: boolean;
  readonly seconds: number;
}

/** What `--json` writes. */
export interface ProofReport {
  readonly seed: number;
  readonly seconds: number;
  readonly cells: readonly ReportedCell[];
  readonly exhaustive: {
    readonly schedules: number;
    readonly faults: number;
    readonly families: readonly ReportedFamily[];
  };
  readonly random: { readonly seeds: number; readonly runs: number; readonly steps: number };
  readonly mutants: readonly CaughtMutant[];
  readonly failures: readonly { readonly check: string; readonly what: string; readonly replay: string }[];
}

/** What a proof consists of. */
export interface ProofParts {
  readonly seed: number;
  readonly seconds: number;
  readonly families: readonly FamilyReport[];
  readonly real: readonly RealReport[];
  readonly mutants: readonly CaughtMutant[];
}

/** Puts the parts together. */
export function reportOf({ seed, seconds, families, real, mutants }: ProofParts): ProofReport {
  const small = families.map(({ family, small: { faults, schedules, covered, exhausted, seconds: took } }) => ({ family, faults, schedules, covered, exhausted, seconds: took }));
  return {
    seed,
    seconds,
    cells: [
      ...families.flatMap(({ family, count }) => cellsOf(count).map((cell) => ({ store: 'model', transport: family, ...cell }))),
      ...real.flatMap(({ store, transport, cells }) => cells.map((cell) => ({ store, transport, ...cell }))),
    ],
    exhaustive: exhaustiveOf(small),
    random: {
      seeds: families[0]?.random.seeds ?? 0,
      runs: families.reduce((sum, { random }) => sum + random.seeds, 0),
      steps: families.reduce((sum, { random }) => sum + random.steps, 0),
    },
    mutants,
    failures: [
      ...families.flatMap(({ failures }) => failures.map(({ check, what, replay }) => ({ check, what, replay }))),
      ...real.flatMap((report) => report.failures.map(({ what, ...cell }) => ({ check: 'tables', what: what.join('; '), replay: realReplay(report, cell) }))),
    ],
  };
}

/** What must be hit, and what else was: random runs come by more places than the contract's own. */
function cellsOf({ cells, missed }: FamilyReport['count']): FamilyReport['count']['cells'] {
  return cells.filter(({ fault, step, hits }) => hits > 0 || missed.includes(`${fault}@${step}`));
}

/** What families come to together. @param families may have been played with more faults, or fewer: the fewest is what all of them hold for */
export function exhaustiveOf(families: readonly ReportedFamily[]): ProofReport['exhaustive'] {
  const faults = families.map((family) => family.faults);
  return { schedules: families.reduce((sum, { schedules }) => sum + schedules, 0), faults: faults.length === 0 ? 0 : Math.min(...faults), families };
}

/** The options that try one cell of real processes again. */
export function realReplay({ store, transport }: Pick<RealReport, 'store' | 'transport'>, { fault, step }: { readonly fault: string; readonly step: string }): string {
  return `--real --stores ${store} --transports ${transport} --only '${fault}@${step}'`;
}

/** Whether every promise was kept, all that is possible came about, and enough succeeded for that to mean something. */
export function holds({ families, real, mutants }: ProofParts): boolean {
  return (
    families.every((each) => each.failures.length === 0 && each.count.missed.length === 0 && !isVacuous(each)) &&
    real.every(({ cells, failures }) => failures.length === 0 && missedOf(cells).length === 0) &&
    mutants.every(({ caughtBy }) => caughtBy.length > 0)
  );
}

/** Whether so little succeeded that the promises say nothing. */
export function isVacuous({ random: { accepted, done } }: FamilyReport): boolean {
  return accepted > 0 && done * 2 < accepted;
}

/** What is possible, and never came about. */
export function missedOf(cells: readonly Pick<ReportedCell, 'fault' | 'step' | 'hits'>[]): readonly string[] {
  return cells.filter(({ hits }) => hits === 0).map(({ fault, step }) => `${fault}@${step}`);
}
