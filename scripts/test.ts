/**
 * `npm test`, `npm run test:services`, `npm run test:slow`: the checks and tests of a tier, one after another; ends with the counts. What follows
 * `--` goes to Vitest. In CI a skipped test is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseSkips, summaryOf, type Tally, tallyOf } from './tally.ts';

/** What `npm test` and its slower siblings consist of. */
interface Tier {
  readonly checks: readonly (readonly [name: string, command: string])[];
  /** The projects of `vitest.config.ts`, and what else to tell Vitest. */
  readonly vitest: readonly string[];
}

const TIERS: Readonly<Record<string, Tier>> = {
  fast: {
    checks: [
      ['types of the library', 'tsc -p packages/semel'],
      ['types of everything', 'tsc -p .'],
      ['house check', 'node scripts/check-house.ts'],
      ['format and lint', 'biome check --error-on-warnings'],
    ],
    vitest: ['--project=unit', '--project=integration', '--coverage'],
  },
  services: { checks: [], vitest: ['--project=services'] },
  slow: { checks: [['crash suite at size', 'npm run test:crash -- --kills 200']], vitest: ['--project=slow'] },
};

/** Parts of the names of tests that may be skipped in CI, each with its reason. */
const ALLOWED_SKIPS: ReadonlyMap<string, string> = new Map([
  ['the disk of the tables is full', 'a small disk has to be mounted, which not every machine allows'],
  ["the disk of the server's log is full", 'the same'],
]);

/** Runs a command of the workspace with its output shown; whether it succeeded. */
function run(name: string, command: string, options: readonly string[] = []): boolean {
  const startedAtMs = Date.now();
  console.log(`\n── ${name}`);
  const line = [command, ...options.map((option) => JSON.stringify(option))].join(' ');
  const succeeded = spawnSync(line, { shell: true, stdio: 'inherit' }).status === 0;
  console.log(`── ${name}: ${succeeded ? 'ok' : 'FAILED'}, ${seconds(startedAtMs)} s`);
  return succeeded;
}

function runVitest(options: readonly string[]): Tally {
  const folder = mkdtempSync(join(tmpdir(), 'semel-test-'));
  const report = join(folder, 'report.json');
  const succeeded = run('tests', 'vitest run --reporter=default --reporter=json', [`--outputFile.json=${report}`, ...options]);
  const tally = existsSync(report) ? tallyOf(JSON.parse(readFileSync(report, 'utf8'))) : { passed: 0, failed: [], skipped: [] };
  rmSync(folder, { recursive: true });
  // An error outside every test fails Vitest, but no test of its report.
  return succeeded || tally.failed.length > 0 ? tally : { ...tally, failed: ['vitest itself; see above'] };
}

function seconds(sinceMs: number): string {
  return ((Date.now() - sinceMs) / 1000).toFixed(1);
}

process.chdir(join(import.meta.dirname, '..'));
const startedAtMs = Date.now();
const [name = 'fast', ...options] = process.argv.slice(2);
const tier = TIERS[name];
if (tier === undefined) throw new Error(`there is no tier ${name}; there are ${Object.keys(TIERS).join(', ')}`);
const checks = tier.checks.map(([check, command]) => ({ check, succeeded: run(check, command) }));
const tests = runVitest([...tier.vitest, ...options]);
const { passed, failed, skipped } = process.env.CI ? refuseSkips(tests, ALLOWED_SKIPS) : tests;
const failedChecks = checks.filter(({ succeeded }) => !succeeded).map(({ check }) => check);
const total: Tally = { passed: passed + checks.length - failedChecks.length, failed: [...failedChecks, ...failed], skipped };

console.log(`\n${name} tier: ${seconds(startedAtMs)} s`);
for (const each of total.skipped) console.log(`skipped: ${each}`);
for (const each of total.failed) console.log(`failed: ${each}`);
console.log(summaryOf(total));
process.exitCode = total.failed.length === 0 ? 0 : 1;
