import type { ProofReport, ReportedCell } from './report.ts';
import { boundText } from './report-text.ts';

const MODEL = 'model';

/** What a run found, as the tables of the public page. */
export function proofTables(report: ProofReport): string {
  const { seed, seconds, exhaustive, random, failures } = report;
  const broken = failures.length === 0 ? 'no promise was broken' : `**${failures.length} promises were broken**`;
  const model = report.cells.filter(({ store }) => store === MODEL);
  const real = report.cells.filter(({ store }) => store !== MODEL);
  const hits = real.reduce((sum, cell) => sum + cell.hits, 0);
  return [
    `${exhaustive.schedules.toLocaleString('en')} schedules, ${random.runs.toLocaleString('en')} random runs of ${random.steps.toLocaleString('en')} steps from seed ${seed}, and ${hits.toLocaleString('en')} faults of real processes, in ${Math.round(seconds / 60)} minutes: ${broken}.`,
    ...(model.length === 0 ? [] : [modelTable(report, model)]),
    ...(real.length === 0 ? [] : [realTable(real)]),
    ...(report.mutants.length === 0 ? [] : [mutantTable(report)]),
  ].join('\n\n');
}

function modelTable({ exhaustive }: ProofReport, cells: readonly ReportedCell[]): string {
  const rows = exhaustive.families.map(({ family, faults, schedules, covered, exhausted }) => {
    const own = cells.filter(({ transport }) => transport === family);
    return [
      family,
      String(faults),
      schedules.toLocaleString('en'),
      exhausted ? 'all' : 'not all',
      covered.toLocaleString('en'),
      String(own.length),
      hitsText(own),
      ...violationsOf(own),
    ];
  });
  return markdown(['family', '--faults', '--schedules', 'of them', '--covered by others', '--cells', '--hits of each', ...VIOLATIONS], rows);
}

/** Of each fault at how many steps it struck, and how often at each. */
function realTable(cells: readonly ReportedCell[]): string {
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const rows = [...Map.groupBy(cells, ({ store, transport }) => `${store}|${transport}`)].map(([names, own]) => {
    const struck = faults.map((fault) => own.filter((cell) => cell.fault === fault)).map((some) => (some.length === 0 ? '' : `${some.length} × ${hitsText(some)}`));
    return [...names.split('|'), ...struck, ...violationsOf(own)];
  });
  return markdown(['store', 'transport', ...faults.map((fault) => `--${fault}`), ...VIOLATIONS], rows);
}

const VIOLATIONS = ['--violations', '--of a cell fewer than', '--of all fewer than'];

/** With what is known where there was none: of the cell that was hit least, and of all together. */
function violationsOf(cells: readonly ReportedCell[]): readonly string[] {
  const hits = cells.map((cell) => cell.hits);
  const violations = cells.reduce((sum, cell) => sum + cell.violations, 0);
  const least = Math.min(...hits);
  if (violations > 0 || least === 0) return [String(violations), '', ''];
  return [String(violations), boundText(least), boundText(hits.reduce((sum, each) => sum + each, 0))];
}

function hitsText(cells: readonly ReportedCell[]): string {
  const hits = cells.map((cell) => cell.hits);
  const [least, most] = [Math.min(...hits), Math.max(...hits)];
  return [...new Set([least, most])].map((hits) => hits.toLocaleString('en')).join(' to ');
}

function mutantTable({ mutants }: ProofReport): string {
  const rows = mutants.map(({ id, trap, caughtBy }) => [`\`${id}\``, trap, caughtBy.length === 0 ? '**got away**' : caughtBy.join('; ')]);
  return markdown(
    ['mutant', 'trap', 'caught by'],
    rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|'))),
  );
}

/** Columns of numbers begin with two dashes, and stand on the right. */
function markdown(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles.map((title) => title.replace(/^--/, ''))), line(titles.map((title) => (title.startsWith('--') ? '--:' : '---'))), ...rows.map(line)].join('\n');
}
