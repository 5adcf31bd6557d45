import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VERSION } from '../core/version.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-main-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function semel(args: readonly string[], env: Readonly<Record<string, string>> = {}): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the process has the exit codes, streams, environment and folder that a user expects', () => {
  expect(semel(['--version'])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect(semel(['status'], { SEMEL_STORE: 'shop.db' })).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('[store-missing]') });
  expect(semel(['migrate'], { SEMEL_STORE: 'shop.db' })).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(join(folder, 'shop.db'))).toBe(true);
  expect(semel(['status', '--store', 'sqlite:shop.db'])).toEqual({ status: 0, stdout: 'No consumer or route has joined yet.\n', stderr: '' });
  expect(JSON.parse(semel(['doctor', '--store', 'shop.db', '--json']).stdout)).toMatchObject({ level: 'ok' });
  expect(semel(['prune', '--store', 'shop.db']).status).toBe(2);
});
