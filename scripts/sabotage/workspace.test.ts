import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workspace } from './workspace.ts';

let project = '';

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'semel-project-')));
  for (const file of ['package.json', 'packages/own/package.json', 'packages/own/a.ts', 'node_modules/vitest/index.js', 'node_modules/@types/node/index.d.ts', 'secret.db']) {
    mkdirSync(join(project, dirname(file)), { recursive: true });
    writeFileSync(join(project, file), file);
  }
  writeFileSync(join(project, '.gitignore'), 'node_modules/\n*.db\n');
  symlinkSync('../packages/own', join(project, 'node_modules/own'));
  execFileSync('git', ['init', '--quiet'], { cwd: project });
});

afterEach(() => rmSync(project, { recursive: true }));

test('copies what is not ignored; the own packages lead to the copy, the others to the original', () => {
  using workspace = new Workspace(project);
  const target = (path: string) => realpathSync(join(workspace.root, path));
  expect(target('node_modules/own')).toBe(join(workspace.root, 'packages/own'));
  expect(target('node_modules/vitest')).toBe(join(project, 'node_modules/vitest'));
  expect(target('node_modules/@types/node')).toBe(join(project, 'node_modules/@types/node'));
  expect(existsSync(join(workspace.root, 'secret.db'))).toBe(false);
});

test('what is written to it does not reach the project, and nothing of it is left', () => {
  const workspace = new Workspace(project);
  workspace.write('packages/own/a.ts', 'broken');
  expect(workspace.read('node_modules/own/a.ts')).toBe('broken');
  workspace[Symbol.dispose]();
  expect(existsSync(workspace.root)).toBe(false);
  using again = new Workspace(project);
  expect(again.read('packages/own/a.ts')).toBe('packages/own/a.ts');
});
