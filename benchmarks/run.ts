/** `npm run bench -- sqlite [--json FILE] [--quick] [--only ID] [--strict]`: measures, prints, and writes what it measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Probe, probe } from './machine.ts';
import { type Comparison, type Round, reaches, runRound } from './measure.ts';
import { lineOf, type Measured, type Results, resultsOf, writeResults } from './results.ts';
import { sqliteSuite } from './suites/sqlite.ts';

const SUITES: Readonly<Record<string, readonly Comparison[]>> = { sqlite: sqliteSuite };

/** How often and how long; each contender runs for `ms` in each round. */
const FULL = { rounds: 7, ms: 1500 };
const QUICK = { rounds: 3, ms: 300 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, quick: { type: 'boolean', default: false }, only: { type: 'string' }, strict: { type: 'boolean', default: false } },
});

async function measure(comparisons: readonly Comparison[], folder: string): Promise<{ readonly measured: readonly Measured[]; readonly probes: readonly Probe[] }> {
  const { rounds, ms } = pace;
  const probes: Probe[] = [];
  const measured: Measured[] = [];
  for (const comparison of comparisons) {
    const done: Round[] = [];
    await runRound(comparison.contenders, folder, ms, 0); // not counted: compilers warm up, and files that are kept are filled
    for (let turn = 0; turn < rounds; turn++) {
      const state = await probe(folder);
      probes.push(state);
      const round = await runRound(comparison.contenders, folder, ms, turn);
      done.push(round);
      console.error(progress(turn, state, round));
    }
    measured.push({ comparison, rounds: done });
  }
  return { measured, probes };
}

function progress(turn: number, { idle, load, syncP50Us, syncP90Us }: Probe, round: Round): string {
  const rates = Object.entries(round).map(([name, rate]) => `${name} ${Math.round(rate)}/s`);
  return `round ${turn + 1} of ${pace.rounds}, ${Math.round(idle * 100)} % idle, load ${load}, fdatasync ${syncP50Us}/${syncP90Us} µs: ${rates.join(', ')}`;
}

function print({ suite, machine, ratios, others }: Results): void {
  const { cpu, cores, memoryGb, platform, node, sqlite } = machine;
  console.log(`\n${suite}: ${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node.js ${node}, SQLite ${sqlite}; medians of ${pace.rounds} rounds (lowest to highest)`);
  for (const figure of [...ratios, ...others]) console.log(lineOf(figure));
}

const [suite = ''] = positionals;
const comparisons = SUITES[suite]?.filter(({ ratios }) => values.only === undefined || ratios.some(({ id }) => id === values.only));
if (comparisons === undefined || comparisons.length === 0) {
  console.error(`usage: npm run bench -- ${Object.keys(SUITES).join(' | ')} [--json FILE] [--quick] [--only ID] [--strict]`);
  process.exit(2);
}
const pace = values.quick ? QUICK : FULL;
const folder = mkdtempSync(join(tmpdir(), 'semel-bench-'));
try {
  const { measured, probes } = await measure(comparisons, folder);
  const results = resultsOf(suite, pace.rounds, measured, probes);
  print(results);
  if (values.json !== undefined) writeResults(values.json, results);
  const missed = results.ratios.some((figure) => !reaches(figure, figure.value));
  if (missed && values.strict) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
