import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exhaustiveOf, type ProofReport } from './report.ts';
import { earlierReport, together } from './together.ts';

const cell = { store: 'sqlite', transport: 'local', fault: 'SIGKILL', step: 'begun', trials: 3, hits: 2, violations: 0 };
const local = { family: 'local', faults: 2, schedules: 10, covered: 5, exhausted: true, seconds: 1 };
const report: ProofReport = {
  seed: 1,
  seconds: 2.5,
  cells: [cell],
  exhaustive: exhaustiveOf([local]),
  random: { seeds: 10, runs: 10, steps: 100 },
  mutants: [{ id: 'no-claim', trap: '9', caughtBy: ['I1'], replay: 'lease/random-1' }],
  failures: [],
};

test('what was tried in several runs adds up; of schedules the newest run counts, and the fewest faults hold for all', () => {
  const other = {
    ...report,
    cells: [cell, { ...cell, step: 'claimed' }],
    exhaustive: exhaustiveOf([
      { ...local, schedules: 7 },
      { ...local, family: 'lease', faults: 1 },
    ]),
    mutants: [],
  };
  expect(together([report, other])).toMatchObject({
    seconds: 5,
    cells: [
      { step: 'begun', trials: 6, hits: 4 },
      { step: 'claimed', trials: 3, hits: 2 },
    ],
    exhaustive: { schedules: 17, faults: 1 },
    random: { seeds: 10, runs: 20, steps: 200 },
  });
});

test('a mutant is caught by what has caught it anywhere, tests among them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'semel-together-'));
  const file = join(folder, 'sabotage.json');
  const rows = [
    { id: 'no-claim', trap: '9', verdict: { kind: 'caught', by: ['a test'] } },
    { id: 'other', trap: '1', verdict: { kind: 'survived' } },
  ];
  writeFileSync(file, JSON.stringify(rows));
  const { seed, mutants } = together([report, earlierReport(file)]);
  rmSync(folder, { recursive: true });
  expect([seed, mutants]).toEqual([
    1,
    [
      { id: 'no-claim', trap: '9', caughtBy: ['I1', 'a test'], replay: 'lease/random-1' },
      { id: 'other', trap: '1', caughtBy: [] },
    ],
  ]);
});
