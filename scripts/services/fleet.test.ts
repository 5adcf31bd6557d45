import { existsSync, readFileSync } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Fleet } from './fleet.ts';
import { ownFolder } from './folders.ts';
import { launch } from './process.ts';
import type { Service } from './service.ts';

/** A service that is one shell process; it counts its starts. */
function shell(script = 'echo started >> starts; touch ready; exec sleep 600'): Service {
  return {
    name: 'shell',
    needs: [],
    stopSignal: 'SIGTERM',
    start: async ({ folder }) => {
      await rm(join(folder, 'ready'), { force: true });
      return { pid: launch('/bin/sh', ['-c', script], folder), url: folder };
    },
    ask: (url) => access(join(url, 'ready')),
  };
}

function folderOfFleet(): string {
  const folder = ownFolder();
  onTestFinished(() => (existsSync(folder) ? new Fleet(folder).dissolve() : undefined));
  return folder;
}

const starts = (url: string): number => readFileSync(join(url, 'starts'), 'utf8').trimEnd().split('\n').length;

test('whoever opens the folder finds what runs, and starts it once', async () => {
  const folder = folderOfFleet();
  expect(await new Fleet(folder).find(shell())).toBeUndefined();
  const [url, same] = await Promise.all([new Fleet(folder).up(shell()), new Fleet(folder).up(shell())]);
  expect(same).toBe(url);
  expect(await new Fleet(folder).up(shell())).toBe(url);
  expect(await new Fleet(folder).find(shell())).toBe(url);
  expect(starts(url)).toBe(1);
});

test('one that was killed is not found, and starts again with its data', async () => {
  const fleet = new Fleet(folderOfFleet());
  const url = await fleet.up(shell());
  await fleet.kill('shell', 'SIGKILL');
  expect(await fleet.find(shell())).toBeUndefined();
  expect(await fleet.up(shell())).toBe(url);
  expect(starts(url)).toBe(2);
});

test('one in front of another server than wanted is replaced', async () => {
  const fleet = new Fleet(folderOfFleet());
  const url = await fleet.up(shell(), { store: 'a' });
  expect(await fleet.find(shell(), { store: 'b' })).toBeUndefined();
  await fleet.up(shell(), { store: 'b' });
  expect(await fleet.find(shell(), { store: 'b' })).toBe(url);
  expect(starts(url)).toBe(2);
});

test('one that is taken down leaves nothing', async () => {
  const fleet = new Fleet(folderOfFleet());
  const url = await fleet.up(shell());
  expect(await fleet.down('shell')).toBe(true);
  expect(existsSync(url)).toBe(false);
  expect(await fleet.down('shell')).toBe(false);
});

test('one that ends at once is an error with its last words', async () => {
  const fleet = new Fleet(folderOfFleet());
  await expect(fleet.up(shell('echo no such setting >&2'))).rejects.toThrow('shell ended at once: no such setting');
});
