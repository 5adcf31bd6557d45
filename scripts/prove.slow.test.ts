import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STORES, TRANSPORTS } from './prove/real/places.ts';
import type { ProofReport } from './prove/report.ts';
import { sabotaged } from './sabotage/mutant.ts';
import { MUTANTS } from './sabotage/mutants.ts';
import { Workspace } from './sabotage/workspace.ts';

const ROOT = join(import.meta.dirname, '..');
const MINUTE_MS = 60_000;

function prove(options: readonly string[], root = ROOT): { readonly report: ProofReport; readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'semel-prove-'));
  const json = join(folder, 'proof.json');
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'prove', '--', '--json', json, ...options], { cwd: root, encoding: 'utf8' });
  const report = JSON.parse(readFileSync(json, 'utf8')) as ProofReport;
  rmSync(folder, { recursive: true });
  return { report, status, output: `${stdout}${stderr}` };
}

test('every schedule of two workers, one message and two faults keeps every promise', { timeout: 30 * MINUTE_MS }, () => {
  const { report, status, output } = prove(['--faults', '2', '--seeds', '2000', '--kills', '0', '--families', 'local,outbox,lease,lease-in-order,position,connection-in-order']);
  expect({ status, failures: report.failures, output: status === 0 ? '' : output }).toEqual({ status: 0, failures: [], output: '' });
  expect(report.exhaustive.families.filter(({ exhausted }) => !exhausted)).toEqual([]);
});

test('the explorer catches every bug of the engine that it can reach', { timeout: 30 * MINUTE_MS }, () => {
  const { report } = prove(['--mutants', 'all']);
  expect(report.mutants.filter(({ caughtBy }) => caughtBy.length === 0)).toEqual([]);
  expect(report.mutants.length).toBeGreaterThan(10);
});

for (const store of Object.keys(STORES)) {
  for (const transport of Object.keys(TRANSPORTS)) {
    test(`${store} over ${transport}: whatever befalls a real process at any step, every promise is kept`, { timeout: 30 * MINUTE_MS }, () => {
      const { report, status, output } = prove(['--real', '--stores', store, '--transports', transport, '--kills', '1']);
      expect({ status, failures: report.failures, output: status === 0 ? '' : output }).toEqual({ status: 0, failures: [], output: '' });
      expect(report.cells.length).toBeGreaterThan(50);
    });
  }
}

test('real processes find it where what was handled is not recorded', { timeout: 5 * MINUTE_MS }, () => {
  const mutant = MUTANTS.find(({ id }) => id === 'no-claim');
  if (mutant === undefined) throw new Error('there is no mutant no-claim');
  using workspace = new Workspace(ROOT);
  workspace.write(mutant.file, sabotaged(workspace.read(mutant.file), mutant));
  const { report, status } = prove(['--real', '--stores', 'sqlite', '--transports', 'peer', '--only', 'SIGKILL@settling'], workspace.root);
  expect(status).toBe(1);
  expect(report.failures).toMatchObject([{ what: expect.stringContaining('booked') }]);
});
