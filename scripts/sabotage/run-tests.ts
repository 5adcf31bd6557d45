import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tests } from './mutant.ts';

/** A test that failed, and with what. */
export interface Failure {
  readonly test: string;
  readonly message: string;
}

/** What became of some tests. */
export interface TestRun {
  readonly passed: boolean;
  /** Empty where it passed, and where nothing could be run at all, or nothing was selected. */
  readonly failures: readonly Failure[];
  /** What was printed, for people. */
  readonly output: string;
}

/** For tests that are known to end, on a machine that has other things to do; and for those that a mutant may keep from it. */
const LIMITS_MS = { intact: 300_000, sabotaged: 120_000 } as const;
const MAX_OUTPUT = 64 * 1024 * 1024;
const CRASH_SUITE = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', 'packages/semel/test/crash/run.ts', '--messages', '60', '--kills', '2', '--seed', '1'];

/** Runs tests below `root`; those of what is sabotaged up to the first failure. */
export function runTests(root: string, tests: Tests, state: keyof typeof LIMITS_MS): Promise<TestRun> {
  return tests === 'crash suite'
    ? runCrashSuite(root, LIMITS_MS[state])
    : runVitest(root, [...tests.files, ...(tests.named === undefined ? [] : ['-t', tests.named]), ...(state === 'sabotaged' ? ['--bail=1'] : [])], LIMITS_MS[state]);
}

async function runVitest(root: string, options: readonly string[], limitMs: number): Promise<TestRun> {
  const report = join(root, 'report.json');
  rmSync(report, { force: true });
  const end = await run(root, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${report}`, ...options], limitMs);
  const { testResults }: Report = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { testResults: [] };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = results.filter(({ status }) => status === 'failed').map(({ fullName, failureMessages }) => ({ test: fullName, message: failureMessages.join('\n') }));
  const passed = end.passed && results.some(({ status }) => status === 'passed'); // a name that fits no test passes Vitest
  return { ...end, passed, failures, output: [end.output, ...testResults.map(({ message }) => message)].join('\n') };
}

async function runCrashSuite(root: string, limitMs: number): Promise<TestRun> {
  const end = await run(root, CRASH_SUITE, limitMs);
  const faults = end.output.split('\n').filter((line) => line.startsWith('FAULT '));
  return { ...end, failures: faults.map((line) => ({ test: `crash suite: ${line.slice('FAULT '.length)}`, message: line })) };
}

function run(root: string, command: readonly string[], limitMs: number): Promise<{ readonly passed: boolean; readonly output: string }> {
  const options = { cwd: root, timeout: limitMs, maxBuffer: MAX_OUTPUT, env: { ...process.env, CI: 'true', NO_COLOR: '1' } };
  return new Promise((resolve) => {
    execFile(process.execPath, command, options, (error, stdout, stderr) => resolve({ passed: error === null, output: `${stdout}${stderr}` }));
  });
}

/** The part of Vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    /** Why no test of the file could be run. */
    readonly message: string;
    readonly assertionResults: readonly TestResult[];
  }[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages: readonly string[];
}
