import type { FamilyReport } from './explore.ts';
import { failureText } from './failure.ts';
import type { RealReport } from './real/campaign.ts';
import { type CaughtMutant, isVacuous, missedOf, type ReportedCell, realReplay } from './report.ts';

/** One family for people. `I8` is broken where something possible never came about, or too little succeeded for the rest to mean anything. */
export function familyText(report: FamilyReport): string {
  const { family, small, random, count, failures } = report;
  const lines = [
    `${family}: ${small.schedules} schedules with up to ${small.faults} faults${small.exhausted ? ', which is all of them' : ''}, ${small.covered} covered by others · ${small.seconds} s`,
    `  ${random.seeds} seeds, ${random.steps} steps, ${random.done} of ${random.accepted} messages done · ${random.seconds} s`,
    ...cellLines(count.cells, count.missed, failures.length > 0),
  ];
  if (isVacuous(report)) lines.push('  I8 fewer than half of the messages were done');
  return [...lines, ...failures.map(failureText)].join('\n');
}

/** Real processes on one store over one transport, for people. */
export function realText(report: RealReport): string {
  const { store, transport, cells, failures, seconds } = report;
  const hits = cells.reduce((sum, cell) => sum + cell.hits, 0);
  const lines = [`${store} over ${transport}, real processes: ${hits} faults · ${seconds} s`, ...cellLines(cells, missedOf(cells), failures.length > 0)];
  const wrong = failures.flatMap(({ what, ...cell }) => [`${cell.fault} at ${cell.step}: ${what.join('; ')}`, `again: npm run prove -- ${realReplay(report, cell)}`]);
  return [...lines, ...wrong].join('\n');
}

/** A mutant for people. */
export function mutantText({ id, trap, caughtBy, replay }: CaughtMutant): string {
  return caughtBy.length === 0 ? `${id} · ${trap} · GOT AWAY` : `${id} · ${trap} · caught by ${caughtBy.join(', ')}${replay === undefined ? '' : ` · ${replay}`}`;
}

/** A cell for people. */
export function cellText({ store, transport, fault, step, hits, violations }: ReportedCell): string {
  return `${store} over ${transport}, ${fault} at ${step}: ${violations} violations in ${trialsText(hits)}${violations === 0 && hits > 0 ? `, so fewer than ${boundText(hits)} at 95 %` : ''}`;
}

/** By the rule of three: of what never happened in N trials, fewer than 3/N happen, with 95 % confidence. */
export function boundText(trials: number): string {
  return `${Number(Math.min(100, 300 / trials).toPrecision(2))} %`;
}

function trialsText(trials: number): string {
  return trials === 1 ? '1 trial' : `${trials} trials`;
}

type Counted = Pick<ReportedCell, 'hits'>;

function cellLines(cells: readonly Counted[], missed: readonly string[], failed: boolean): readonly string[] {
  return [`  ${cells.length} cells of fault and step: ${failed ? 'see the failures' : boundsText(cells)}`, ...(missed.length > 0 ? [`  I8 never hit: ${missed.join(', ')}`] : [])];
}

/** What was seen of cells in which nothing was broken. */
function boundsText(cells: readonly Counted[]): string {
  const hits = cells.map((cell) => cell.hits).filter((each) => each > 0);
  if (hits.length === 0) return 'none was hit';
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  if (least === most) return `0 violations in ${trialsText(least)} each, so fewer than ${boundText(least)} at 95 %`;
  return `0 violations in ${least} to ${most} trials each, so fewer than ${boundText(least)} to ${boundText(most)} at 95 %`;
}
