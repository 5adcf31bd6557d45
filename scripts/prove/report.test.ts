import { expect, test } from 'vitest';
import type { RealReport } from './real/campaign.ts';
import { cellsOf } from './real/cells.ts';
import { holds, type ProofParts, reportOf } from './report.ts';
import { jsonOf } from './report-json.ts';
import { cellText, realText } from './report-text.ts';

const cell = { fault: 'SIGKILL', step: 'begun', trials: 10, hits: 10, violations: 0 } as const;
const real: RealReport = { store: 'sqlite', transport: 'local', cells: [cell], failures: [], seconds: 1.5 };
const parts: ProofParts = { seed: 1, seconds: 2, families: [], real: [real], mutants: [] };

test('a proof holds unless something was broken, was never hit, or got away', () => {
  expect(holds(parts)).toBe(true);
  expect(holds({ ...parts, real: [{ ...real, cells: [cell, { ...cell, step: 'claimed', hits: 0 }] }] })).toBe(false);
  expect(holds({ ...parts, real: [{ ...real, failures: [{ fault: 'SIGKILL', step: 'begun', what: ['booked: 1 lost'] }] }] })).toBe(false);
  expect(holds({ ...parts, mutants: [{ id: 'no-claim', trap: '17', caughtBy: [] }] })).toBe(false);
});

test('each cell says what is known of it, and what was never hit is named', () => {
  expect(cellText({ store: 'sqlite', transport: 'local', ...cell })).toBe('sqlite over local, SIGKILL at begun: 0 violations in 10 trials, so fewer than 30 % at 95 %');
  expect(realText({ ...real, cells: [cell, { ...cell, step: 'claimed', hits: 0 }] })).toContain('I8 never hit: SIGKILL@claimed');
});

test('a failure brings the command that tries it again', () => {
  const failed: RealReport = { ...real, failures: [{ fault: 'SIGKILL', step: 'placing begun', what: ['booked: 1 lost', 'left over: 1'] }] };
  expect(reportOf({ ...parts, real: [failed] }).failures).toEqual([
    { check: 'tables', what: 'booked: 1 lost; left over: 1', replay: "--real --stores sqlite --transports local --only 'SIGKILL@placing begun'" },
  ]);
});

test('the JSON has a line for each cell', () => {
  const report = reportOf(parts);
  expect(JSON.parse(jsonOf(report))).toEqual(report);
  expect(jsonOf(report)).toContain('\n    { "store": "sqlite", "transport": "local", "fault": "SIGKILL", "step": "begun", "trials": 10, "hits": 10, "violations": 0 }\n');
});

test('what is possible follows from the store and the transport', () => {
  const faultsOf = (...of: Parameters<typeof cellsOf>) => [...new Set(cellsOf(...of).map(({ fault }) => fault))];
  const stepsOf = (...of: Parameters<typeof cellsOf>) => new Set(cellsOf(...of).map(({ step }) => step));
  expect(faultsOf('sqlite', 'local')).toEqual(['SIGKILL', 'SIGSTOP', 'clock-forward', 'clock-back']);
  expect(faultsOf('postgres', 'kafka')).toEqual(['SIGKILL', 'SIGSTOP', 'clock-forward', 'clock-back', 'cut-store', 'cut-broker']);
  expect(stepsOf('sqlite', 'local')).toContain('placing committing');
  expect(stepsOf('sqlite', 'peer')).toContain('published');
  expect(stepsOf('sqlite', 'peer')).not.toContain('placing committing');
});
