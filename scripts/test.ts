/** `npm test`: every check and every test, one after another; ends with the counts. In CI a skipped test is a failure. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseSkips, summaryOf, type Tally, tallyOf } from './tally.ts';

/** The full names of tests that may be skipped in CI, each with its reason. */
const ALLOWED_SKIPS: ReadonlyMap<string, string> = new Map([]);

const CHECKS: readonly (readonly [name: string, command: string])[] = [
  ['types of the library', 'tsc -p packages/semel'],
  ['types of everything', 'tsc -p .'],
  ['house check', 'node scripts/check-house.ts'],
  ['format and lint', 'biome check --error-on-warnings'],
];

/** Runs a command of the workspace with its output shown; whether it succeeded. */
function run(name: string, command: string): boolean {
  const startedAtMs = Date.now();
  console.log(`\n── ${name}`);
  const succeeded = spawnSync(command, { shell: true, stdio: 'inherit' }).status === 0;
  console.log(`── ${name}: ${succeeded ? 'ok' : 'FAILED'}, ${seconds(startedAtMs)} s`);
  return succeeded;
}

function runVitest(): Tally {
  const folder = mkdtempSync(join(tmpdir(), 'semel-test-'));
  const report = join(folder, 'report.json');
  const succeeded = run('tests', `vitest run --coverage --reporter=default --reporter=json --outputFile.json="${report}"`);
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
const checks = CHECKS.map(([name, command]) => ({ name, succeeded: run(name, command) }));
const tests = process.env.CI ? refuseSkips(runVitest(), ALLOWED_SKIPS) : runVitest();
const total: Tally = {
  passed: tests.passed + checks.filter(({ succeeded }) => succeeded).length,
  failed: [...checks.filter(({ succeeded }) => !succeeded).map(({ name }) => name), ...tests.failed],
  skipped: tests.skipped,
};

console.log(`\n${seconds(startedAtMs)} s`);
for (const name of total.skipped) console.log(`skipped: ${name}`);
for (const name of total.failed) console.log(`failed: ${name}`);
console.log(summaryOf(total));
process.exitCode = total.failed.length === 0 ? 0 : 1;
