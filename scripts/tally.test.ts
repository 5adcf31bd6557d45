import { expect, test } from 'vitest';
import { refuseSkips, summaryOf, tallyOf } from './tally.ts';

const file = (name: string, status: string, ...tests: readonly string[]) => ({
  name,
  status,
  assertionResults: tests.map((each) => ({ status: each, fullName: `${name} ${each}` })),
});

test('counts tests by what became of them', () => {
  const tally = tallyOf({ testResults: [file('a', 'failed', 'passed', 'failed', 'skipped'), file('b', 'passed', 'passed', 'todo')] });
  expect(tally).toEqual({ passed: 2, failed: ['a failed'], skipped: ['a skipped', 'b todo'] });
  expect(summaryOf(tally)).toBe('2 passed, 1 failed, 2 skipped');
});

test('a file that cannot be loaded is a failure', () => {
  expect(tallyOf({ testResults: [file('a', 'failed'), file('b', 'failed', 'passed')] }).failed).toEqual(['a', 'b']);
});

test('in CI a skip is a failure, unless it is allowed', () => {
  const tally = { passed: 1, failed: ['a'], skipped: ['b', 'c'] };
  expect(refuseSkips(tally, new Map([['c', 'needs two machines']]))).toEqual({ passed: 1, failed: ['a', 'b (skipped in CI)'], skipped: ['c'] });
});

test('the summary is silent about skips where there are none', () => {
  expect(summaryOf({ passed: 3, failed: [], skipped: [] })).toBe('3 passed, 0 failed');
});
