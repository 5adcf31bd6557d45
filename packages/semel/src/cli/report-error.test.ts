import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { ERROR_CODES, SemelError } from '../core/errors.ts';
import { exitCodeOf } from './exit-codes.ts';
import { reportError } from './report-error.ts';

function reported(error: unknown, debug = false): { readonly exitCode: number; readonly text: string } {
  let text = '';
  const exitCode = reportError(error, { write: (more) => (text += more) }, debug);
  return { exitCode, text };
}

test('says what happened, its code, and what to do', () => {
  expect(reported(new SemelError('store-full', 'the disk of shop.db is full'))).toEqual({
    exitCode: 3,
    text: 'semel: the disk of shop.db is full [store-full]\nFree space on the disk; Semel goes on by itself.\n',
  });
});

test('an error that is not of the table is a defect', () => {
  expect(reported(new TypeError('x is not\x1b[2J a function'))).toEqual({
    exitCode: 4,
    text: 'semel: x is not\\x1b[2J a function\nThis ought not to happen: `--debug` prints where it did.\n',
  });
  expect(reported('nonsense').exitCode).toBe(4);
});

test('prints stacks, with causes, only when asked', () => {
  const error = new SemelError('store-unavailable', 'no', { cause: new Error('deep') });
  expect(reported(error).text).not.toContain('at ');
  expect(reported(error, true).text).toMatch(/SemelError: no\n\s+at .*caused by Error: deep\n\s+at /s);
});

test('is silent where the parser has spoken; help is no error', () => {
  expect(reported(new CommanderError(1, 'commander.unknownOption', 'error: …'))).toEqual({ exitCode: 2, text: '' });
  expect(reported(new CommanderError(0, 'commander.helpDisplayed', '')).exitCode).toBe(0);
});

test('gives every code of the table an exit code', () => {
  const byExit = Map.groupBy(Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[], exitCodeOf);
  expect(byExit.get(0)).toBeUndefined();
  expect(byExit.get(1)).toEqual(['unknown-consumer', 'unknown-dead-letter', 'not-redrivable']);
  expect(byExit.get(2)).toEqual(['bad-option', 'app-unusable']);
  expect(byExit.get(3)).toEqual(expect.arrayContaining(['store-busy', 'store-corrupt', 'schema-missing', 'schema-newer', 'node-too-old', 'driver-missing']));
});
