import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { orphanedFolders, ownFolder, servicesFolder } from './folders.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-folders-'));
  vi.stubEnv('SEMEL_SERVICES_FOLDER', folder);
  return () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  };
});

test('a folder is orphaned once its process is dead, even where the id lives on', () => {
  const alive = ownFolder();
  const dead = join(folder, basename(alive).replace(/^run-\d+-[^-]+/, `run-${process.pid}-1`));
  for (const path of [dead, join(folder, 'cache')]) mkdirSync(path);
  expect(orphanedFolders()).toEqual([dead]);
});

test('servers may read it, whatever the mask', () => {
  const mask = process.umask(0o077);
  onTestFinished(() => void process.umask(mask));
  expect(statSync(ownFolder()).mode & 0o777).toBe(0o755);
});

test('one of another user is refused', () => {
  if (process.getuid?.() === 0) chownSync(folder, 1, 1);
  else vi.stubEnv('SEMEL_SERVICES_FOLDER', '/');
  expect(() => servicesFolder()).toThrow('belongs to another user');
});
