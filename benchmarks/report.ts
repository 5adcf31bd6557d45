/** `node benchmarks/report.ts FILE…`: puts results that `--json` wrote into README.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import { type Measure, median, reaches } from './measure.ts';
import type { Figure, Results } from './results.ts';

/** The tables of results, as Markdown. */
export function markdownOf(results: Results): string {
  const { machine, runs, ratios, others, skipped } = results;
  const idle = machine.probes.map((probe) => probe.idle);
  const syncs = machine.probes.map((probe) => probe.syncP50Us);
  const place = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node.js ${machine.node}, ${databaseOf(machine)}`;
  return [
    `${place}. Medians of ${runs} rounds, with the lowest and the highest. Before the rounds the processors were ${percentOf(idle)} idle, and a write of 8 KB with its fdatasync took ${Math.round(median(syncs))} µs (medians).`,
    ['| figure | what it is | measured | lowest to highest | goal | |', '| --- | --- | --: | --: | --: | --- |', ...ratios.map(goalRow)].join('\n'),
    ['For comparison, without a goal:', '', '| figure | what it is | measured | lowest to highest |', '| --- | --- | --: | --: |', ...others.map(row)].join('\n'),
    ...(skipped.length === 0 ? [] : [['Could not be had:', '', ...skipped.map(({ id, reason }) => `- \`${id}\`: ${reason}`)].join('\n')]),
    ['Messages per second:', '', ...contenderTable(results)].join('\n'),
  ].join('\n\n');
}

/** The version of the database that was measured. */
export function databaseOf({ postgres, sqlite }: Machine): string {
  return postgres === undefined ? `SQLite ${sqlite}` : `PostgreSQL ${postgres}`;
}

/**
 * The text with what stands between a suite's markers replaced.
 * @throws Error where the text has no such markers
 */
export function withReport(text: string, suite: string, report: string): string {
  const begin = `<!-- begin ${suite} -->`;
  const end = `<!-- end ${suite} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the text has no lines ${begin} and ${end} in this order`);
  return `${text.slice(0, from + begin.length)}\n\n${report}\n\n${text.slice(to)}`;
}

const HEADINGS: readonly (readonly [Exclude<Measure, 'rate'>, string])[] = [
  ['walBytes', 'bytes of log per message'],
  ['peakMb', 'peak memory, MB'],
  ['firstMb', 'in the first tenth, MB'],
  ['lastMb', 'in the last tenth, MB'],
  ['p50Ms', 'p50, ms'],
  ['p99Ms', 'p99, ms'],
];

/** A line per contender, with a column for each measure that any of them has. */
function contenderTable({ rates, measures }: Results): readonly string[] {
  const columns = HEADINGS.filter(([measure]) => Object.values(measures).some((sample) => measure in sample));
  const names = [...new Set([...Object.keys(rates), ...Object.keys(measures)])];
  const rows = names.map((name) => [name, numberOf(rates[name]), ...columns.map(([measure]) => numberOf(measures[name]?.[measure]))]);
  return [['contender', 'rate', ...columns.map(([, heading]) => heading)], ['---', '--:', ...columns.map(() => '--:')], ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function numberOf(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });
}

function goalRow(figure: Figure): string {
  const { goal, better, value } = figure;
  return `${row(figure)} ${better === 'higher' ? '≥' : '≤'} ${goal} | ${reaches(figure, value) ? 'met' : '**missed**'} |`;
}

function row({ id, title, value, min, max }: Omit<Figure, 'goal'>): string {
  return `| \`${id}\` | ${title} | ${value.toFixed(2)} | ${min.toFixed(2)} to ${max.toFixed(2)} |`;
}

function percentOf(shares: readonly number[]): string {
  return `${Math.round(median(shares) * 100)} %`;
}

if (import.meta.main) {
  const readme = join(import.meta.dirname, 'README.md');
  for (const file of process.argv.slice(2)) {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    writeFileSync(readme, withReport(readFileSync(readme, 'utf8'), results.suite, markdownOf(results)));
  }
}
