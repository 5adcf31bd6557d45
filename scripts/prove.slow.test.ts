import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProofReport } from './prove/report.ts';

const MINUTE_MS = 60_000;

function prove(...options: readonly string[]): { readonly report: ProofReport; readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'semel-prove-'));
  const json = join(folder, 'proof.json');
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'prove', '--', '--json', json, ...options], { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' });
  const report = JSON.parse(readFileSync(json, 'utf8')) as ProofReport;
  rmSync(folder, { recursive: true });
  return { report, status, output: `${stdout}${stderr}` };
}

test('every schedule of two workers, one message and two faults keeps every promise', { timeout: 30 * MINUTE_MS }, () => {
  const { report, status, output } = prove('--faults', '2', '--seeds', '2000', '--families', 'local,outbox,lease,position');
  expect({ status, failures: report.failures, output: status === 0 ? '' : output }).toEqual({ status: 0, failures: [], output: '' });
  expect(report.exhaustive.families.filter(({ exhausted }) => !exhausted)).toEqual([]);
});

test('the explorer catches every bug of the engine that it can reach', { timeout: 30 * MINUTE_MS }, () => {
  const { report } = prove('--mutants', 'all');
  expect(report.mutants.filter(({ caughtBy }) => caughtBy.length === 0)).toEqual([]);
  expect(report.mutants.length).toBeGreaterThan(10);
});
