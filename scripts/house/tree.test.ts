import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lineOf, readTree, sources } from './tree.ts';

test('reads text, and leaves out what is installed, built or binary', () => {
  const root = mkdtempSync(join(tmpdir(), 'semel-house-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of ['src/a.ts', '.ci/run', '.gitignore', 'node_modules/b/b.js', 'packages/c/dist/c.js', 'd.db']) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), file);
  }
  expect([...readTree(root)].sort()).toEqual(['.ci/run', '.gitignore', 'src/a.ts'].map((file) => [file, file]));
});

test('sources are what the library ships', () => {
  const files = ['packages/semel/src/core/a.ts', 'packages/semel/src/core/a.test.ts', 'packages/semel/test/b.ts', 'scripts/c.ts'];
  expect(sources(new Map(files.map((file) => [file, ''])))).toEqual(['packages/semel/src/core/a.ts']);
});

test('a line is counted from 1', () => {
  expect(lineOf('a\nb\nc', 'c')).toBe(3);
  expect(lineOf('a\nb\nc', 'd')).toBe(1);
});
