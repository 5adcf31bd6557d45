import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withTable } from '../../docs/test/table.ts';
import type { ProofReport } from './report.ts';
import { jsonOf } from './report-json.ts';
import { proofTables } from './table.ts';

const DOCS = '../../docs';
const textOf = (file: string) => readFileSync(join(import.meta.dirname, DOCS, file), 'utf8');
const report = (): ProofReport => JSON.parse(textOf('proof.json'));

// `vitest -u` writes the tables into the page: after `npm run prove -- --size release --json docs/proof.json`.
test('docs/proof.md has the tables of docs/proof.json', async () => {
  await expect(withTable(textOf('proof.md'), 'proof', proofTables(report()))).toMatchFileSnapshot(`${DOCS}/proof.md`);
});

test('docs/proof.json is as a run wrote it: nothing was broken, and all that is possible came about', () => {
  const { cells, failures, mutants } = report();
  expect(textOf('proof.json')).toBe(jsonOf(report()));
  expect(failures).toEqual([]);
  expect(cells.filter(({ hits, violations }) => hits === 0 || violations > 0)).toEqual([]);
  expect(mutants.filter(({ caughtBy }) => caughtBy.length === 0)).toEqual([]);
});

const cell = { store: 'sqlite', transport: 'local', fault: 'SIGKILL', step: 'begun', trials: 30, hits: 30, violations: 0 };
const empty: ProofReport = {
  seed: 1,
  seconds: 60,
  cells: [],
  exhaustive: { schedules: 0, faults: 0, families: [] },
  random: { seeds: 0, runs: 0, steps: 0 },
  mutants: [],
  failures: [],
};

test('the cell that was hit least says what is known of each; what was broken or never hit says nothing', () => {
  const rowOf = (...changes: readonly Partial<typeof cell>[]) =>
    proofTables({ ...empty, cells: changes.map((change) => ({ ...cell, ...change })) })
      .split('\n')
      .at(-1);
  expect(rowOf({}, { step: 'claimed', hits: 60 })).toBe('| sqlite | local | 2 × 30 to 60 | 0 | 10 % | 3.3 % |');
  expect(rowOf({}, { fault: 'SIGSTOP' })).toBe('| sqlite | local | 1 × 30 | 1 × 30 | 0 | 10 % | 5 % |');
  expect(rowOf({ violations: 1 })).toBe('| sqlite | local | 1 × 30 | 1 |  |  |');
  expect(rowOf({ hits: 0 })).toBe('| sqlite | local | 1 × 0 | 0 |  |  |');
});

test('a mutant that got away stands out', () => {
  const mutants = [
    { id: 'a', trap: 'this | that', caughtBy: ['I1', 'a test'] },
    { id: 'b', trap: 'more', caughtBy: [] },
  ];
  expect(proofTables({ ...empty, mutants })).toContain('| `a` | this \\| that | I1; a test |\n| `b` | more | **got away** |');
});
