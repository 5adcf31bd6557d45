/** `npm run bench -- SUITE [--json FILE] [--quick] [--only ID] [--rounds N] [--server URL] [--strict]`: measures, prints, and writes what it measured. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Probe } from './machine.ts';
import { type Comparison, type Round, reaches, runRound } from './measure.ts';
import { databaseOf } from './report.ts';
import { lineOf, type Measured, type Results, resultsOf, writeResults } from './results.ts';
import { Servers } from './servers/servers.ts';
import { Unavailable } from './servers/unavailable.ts';
import { Site } from './site.ts';
import { kafkaSuite } from './suites/kafka.ts';
import { postgresSuite } from './suites/postgres.ts';
import { rabbitmqSuite } from './suites/rabbitmq.ts';
import { sqliteSuite } from './suites/sqlite.ts';
import { sqsSuite } from './suites/sqs.ts';
import { chosen, type Suite } from './suites/suite.ts';

const SUITES: Readonly<Record<string, Suite>> = { sqlite: sqliteSuite, postgres: postgresSuite, kafka: kafkaSuite, rabbitmq: rabbitmqSuite, sqs: sqsSuite };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    server: { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
});

async function measure(comparison: Comparison, site: Site): Promise<Measured> {
  const failures = new Map<string, string>();
  const failed = (name: string, error: unknown): void => {
    failures.set(name, error instanceof Error ? error.message : String(error));
    console.error(`${name} could not run: ${failures.get(name)}`);
    if (!(error instanceof Unavailable)) process.exitCode = 1;
  };
  const turns = comparison.once ? 1 : pace.rounds;
  if (pace.warmUpMs > 0 && !comparison.once) await runRound(comparison.contenders, site, pace.warmUpMs, 0, failed);
  const rounds: Round[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const state = await site.look();
    const round = await runRound(comparison.contenders, site, pace.ms, turn, failed);
    rounds.push(round);
    console.error(progress(turn, turns, state, round));
  }
  return { comparison, rounds, failures };
}

function progress(turn: number, turns: number, { idle, load, syncP50Us, syncP90Us }: Probe, round: Round): string {
  const rates = Object.entries(round).map(([name, { rate, p50Ms, p99Ms }]) => (rate === undefined ? `${name} ${p50Ms}/${p99Ms} ms` : `${name} ${Math.round(rate)}/s`));
  return `round ${turn + 1} of ${turns}, ${Math.round(idle * 100)} % idle, load ${load}, fdatasync ${syncP50Us}/${syncP90Us} µs: ${rates.join(', ')}`;
}

function print({ suite, machine, ratios, others, skipped }: Results): void {
  const { cpu, cores, memoryGb, platform, node } = machine;
  console.log(`\n${suite}: ${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node.js ${node}, ${databaseOf(machine)}; medians of ${pace.rounds} rounds (lowest to highest)`);
  for (const figure of [...ratios, ...others]) console.log(lineOf(figure));
  for (const { id, reason } of skipped) console.log(`${id}: SKIPPED, ${reason}`);
}

function usage(): never {
  console.error(`usage: npm run bench -- ${Object.keys(SUITES).join(' | ')} [--json FILE] [--quick] [--only ID] [--rounds N] [--server URL] [--strict]`);
  process.exit(2);
}

const suite = SUITES[positionals[0] ?? ''] ?? usage();
const all = suite.comparisons(values.quick);
const comparisons = values.only === undefined ? all : chosen(all, values.only);
if (comparisons.length === 0) usage();
const given = values.quick ? suite.quick : suite.full;
const pace = { ...given, rounds: Number(values.rounds ?? given.rounds) };
if (!(Number.isInteger(pace.rounds) && pace.rounds > 0)) usage();
const folder = mkdtempSync(join(tmpdir(), 'semel-bench-'));
const site = new Site(folder, new Servers(values.server), pace.patienceMs);
try {
  const measured: Measured[] = [];
  for (const comparison of comparisons) measured.push(await measure(comparison, site));
  const results = resultsOf(positionals[0] as string, pace.rounds, measured, site.probes, await site.servers.postgresVersion());
  print(results);
  if (values.json !== undefined) writeResults(values.json, results);
  const missed = results.ratios.some((figure) => !reaches(figure, figure.value)) || results.skipped.length > 0;
  if (missed && values.strict) process.exitCode = 1;
} finally {
  await site.close();
  rmSync(folder, { recursive: true });
}
