import { existsSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from './lock.ts';
import { bornAt } from './process.ts';

test('two never work at a time, and the lock goes with the work', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'semel-lock-'));
  const file = join(folder.path, 'lock');
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise(setImmediate);
    seen.push(`${name} ends`);
  };
  await Promise.all([withLock(file, work('one')), withLock(file, work('other'))]);
  expect(seen).toEqual(['one begins', 'one ends', 'other begins', 'other ends']);
  expect(existsSync(file)).toBe(false);
});

test('work that fails frees the lock', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'semel-lock-'));
  const file = join(folder.path, 'lock');
  await expect(withLock(file, () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  expect(await withLock(file, () => Promise.resolve('free'))).toBe('free');
});

test('the lock of a dead process is broken, even where its id lives on', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'semel-lock-'));
  const file = join(folder.path, 'lock');
  writeFileSync(file, `${process.pid} not-${bornAt(process.pid)}`);
  expect(await withLock(file, () => Promise.resolve('mine'))).toBe('mine');
});
