import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { sabotaged } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const root = join(import.meta.dirname, '../..');

test('each has a name of its own', () => {
  expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
});

test.each(MUTANTS)('$id applies to the source as it is, is a program, and names tests that exist', (mutant) => {
  const text = sabotaged(readFileSync(join(root, mutant.file), 'utf8'), mutant);
  expect(ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ES2024 } }).diagnostics).toEqual([]);
  for (const file of mutant.tests === 'crash suite' ? [] : mutant.tests.files) expect(existsSync(join(root, file)), file).toBe(true);
});
