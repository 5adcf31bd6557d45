import { readFileSync } from 'node:fs';
import type { Verdict } from '../sabotage/verdict.ts';
import { type CaughtMutant, exhaustiveOf, type ProofReport, type ReportedCell } from './report.ts';

/** What `npm run test:sabotage -- --json FILE` writes. */
type SabotageRows = readonly { readonly id: string; readonly trap: string; readonly verdict: Verdict }[];

/** Reads what an earlier run wrote, of the proof or of the tests' mutants. */
export function earlierReport(file: string): ProofReport {
  const read = JSON.parse(readFileSync(file, 'utf8')) as ProofReport | SabotageRows;
  return isRows(read) ? ofTests(read) : read;
}

/** Runs of one proof as one: what was tried in several adds up. */
export function together(reports: readonly ProofReport[]): ProofReport {
  const sum = (of: (report: ProofReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  return {
    seed: Math.min(...reports.map(({ seed }) => seed)),
    seconds: Math.round(sum(({ seconds }) => seconds) * 10) / 10,
    cells: cellsOf(reports.flatMap(({ cells }) => cells)),
    exhaustive: exhaustiveOf(newest(reports.flatMap(({ exhaustive }) => exhaustive.families.map((family) => [family.family, family] as const)))),
    random: { seeds: Math.max(...reports.map(({ random }) => random.seeds)), runs: sum(({ random }) => random.runs), steps: sum(({ random }) => random.steps) },
    mutants: mutantsOf(reports.flatMap(({ mutants }) => mutants)),
    failures: reports.flatMap(({ failures }) => failures),
  };
}

function isRows(read: ProofReport | SabotageRows): read is SabotageRows {
  return Array.isArray(read);
}

function ofTests(rows: SabotageRows): ProofReport {
  const mutants = rows.map(({ id, trap, verdict }) => ({ id, trap, caughtBy: verdict.kind === 'caught' ? verdict.by : [] }));
  return { seed: Number.POSITIVE_INFINITY, seconds: 0, cells: [], exhaustive: exhaustiveOf([]), random: { seeds: 0, runs: 0, steps: 0 }, mutants, failures: [] };
}

function cellsOf(cells: readonly ReportedCell[]): readonly ReportedCell[] {
  return groupsOf(cells, ({ store, transport, fault, step }) => [store, transport, fault, step].join()).map((group) => {
    const sum = (of: (cell: ReportedCell) => number) => group.reduce((total, cell) => total + of(cell), 0);
    return { ...group[0], trials: sum(({ trials }) => trials), hits: sum(({ hits }) => hits), violations: sum(({ violations }) => violations) };
  });
}

/** A mutant is caught by whatever has caught it in any run. */
function mutantsOf(mutants: readonly CaughtMutant[]): readonly CaughtMutant[] {
  return groupsOf(mutants, ({ id }) => id).map((group) => ({ ...group[0], caughtBy: [...new Set(group.flatMap(({ caughtBy }) => caughtBy))] }));
}

function groupsOf<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly (readonly [Item, ...Item[]])[] {
  return [...Map.groupBy(items, nameOf).values()] as [Item, ...Item[]][];
}

/** The last of each name. */
function newest<Value>(named: readonly (readonly [name: string, value: Value])[]): readonly Value[] {
  return [...new Map(named).values()];
}
