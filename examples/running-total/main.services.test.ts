import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source', join(import.meta.dirname, 'main.ts')];
const seed = String(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));

test.each([
  ['topic', '200', '3'],
  ['database', '200', '2'],
])(`totals kept in a %s are exact, though workers are killed and frozen (seed ${seed})`, { timeout: 240_000 }, async (state, payments, blows) => {
  const { stdout } = await promisify(execFile)(process.execPath, [...MAIN, '--state', state, '--payments', payments, '--blows', blows, '--seed', seed]);
  expect(stdout, `seed ${seed}`).toContain(', equal to the recount');
});
