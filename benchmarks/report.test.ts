import { expect, test } from 'vitest';
import { markdownOf, withReport } from './report.ts';
import { lineOf, type Results } from './results.ts';

const machine = { cpu: 'A CPU', cores: 2, memoryGb: 4, platform: 'linux x64', node: '24.0.0', sqlite: '3.50.0' };
const figure = { title: 'a over b', min: 0.7, max: 0.95 };
const results: Results = {
  suite: 'sqlite',
  machine: {
    ...machine,
    probes: [
      { idle: 0.9, load: 0.1, syncP50Us: 100, syncP90Us: 200 },
      { idle: 1, load: 0.1, syncP50Us: 120, syncP90Us: 200 },
    ],
  },
  runs: 2,
  ratios: [
    { ...figure, id: 'sqlite/met', value: 0.85, goal: 0.85, better: 'higher' },
    { ...figure, id: 'memory/missed', value: 21, goal: 20, better: 'lower' },
  ],
  others: [{ ...figure, id: 'sqlite/other', value: 0.8, better: 'higher' }],
  skipped: [],
  rates: { 'raw x1': 12_345 },
  measures: {},
};

test('the report names the machine, each figure with its goal, and the rates', () => {
  const report = markdownOf(results);
  expect(report).toContain('A CPU, 2 cores, 4 GB, linux x64, Node.js 24.0.0, SQLite 3.50.0. Medians of 2 rounds');
  expect(report).toContain('95 % idle, and a write of 8 KB with its fdatasync took 110 µs');
  expect(report).toContain('| `sqlite/met` | a over b | 0.85 | 0.70 to 0.95 | ≥ 0.85 | met |');
  expect(report).toContain('| `memory/missed` | a over b | 21.00 | 0.70 to 0.95 | ≤ 20 | **missed** |');
  expect(report).toContain('| `sqlite/other` | a over b | 0.80 | 0.70 to 0.95 |\n');
  expect(report).toContain('| contender | rate |\n| --- | --: |\n| raw x1 | 12,345 |');
});

test('what else was measured has its columns, and what could not be had its reason', () => {
  const measures = { 'raw x1': { peakMb: 100.4 }, 'at rest': { p50Ms: 1.236, p99Ms: 3 } };
  const report = markdownOf({ ...results, machine: { ...results.machine, postgres: '18.4' }, measures, skipped: [{ id: 'sqlite/none', reason: 'no such thing' }] });
  expect(report).toContain('PostgreSQL 18.4. Medians');
  expect(report).toContain('| contender | rate | peak memory, MB | p50, ms | p99, ms |');
  expect(report).toContain('| raw x1 | 12,345 | 100 |  |  |\n| at rest |  |  | 1.24 | 3 |');
  expect(report).toContain('- `sqlite/none`: no such thing');
});

test('only what stands between the markers of the suite is replaced', () => {
  const text = 'before\n<!-- begin sqlite -->\nold\n<!-- end sqlite -->\nafter\n';
  const once = withReport(text, 'sqlite', 'new');
  expect(once).toBe('before\n<!-- begin sqlite -->\n\nnew\n\n<!-- end sqlite -->\nafter\n');
  expect(withReport(once, 'sqlite', 'new')).toBe(once);
  expect(() => withReport(text, 'kafka', 'new')).toThrow('begin kafka');
});

test('a line says whether the goal was met', () => {
  expect(results.ratios.map(lineOf)).toEqual(['sqlite/met: 0.85 (0.70 to 0.95), goal at least 0.85: met', 'memory/missed: 21.00 (0.70 to 0.95), goal at most 20: MISSED']);
  expect(results.others.map(lineOf)).toEqual(['sqlite/other: 0.80 (0.70 to 0.95), no goal']);
});
