import { expect, test } from 'vitest';
import { verdictOf } from './verdict.ts';

const failure = (message: string) => ({ test: 'trap 22: it waits', message });

test('a failing test has caught it', () => {
  expect(verdictOf({ passed: false, failures: [failure('AssertionError: expected 2 to be 1')], output: '' })).toEqual({ kind: 'caught', by: ['trap 22: it waits'] });
});

test('where all pass it has survived', () => {
  expect(verdictOf({ passed: true, failures: [], output: '' })).toEqual({ kind: 'survived' });
});

test.each(['SyntaxError: Unexpected token', 'ReferenceError: x is not defined'])('%s is no fair mutant', (message) => {
  expect(verdictOf({ passed: false, failures: [failure(message)], output: '' })).toMatchObject({ kind: 'broken', why: expect.stringContaining(message) });
});

test('nor is one with which no test can be run', () => {
  expect(verdictOf({ passed: false, failures: [], output: 'Transform failed' })).toMatchObject({ kind: 'broken', why: expect.stringContaining('Transform failed') });
});
