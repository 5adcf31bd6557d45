import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bornAt, end, isAlive } from './process.ts';

test('a process is alive until it is ended', async () => {
  const child = spawn('sleep', ['600']);
  await once(child, 'spawn');
  const it = { pid: child.pid!, born: bornAt(child.pid!)! };
  expect(isAlive(it)).toBe(true);
  await end(it, 'SIGTERM');
  expect(isAlive(it)).toBe(false);
});

test('another process with the same id is not touched', async () => {
  await end({ pid: process.pid, born: 'in another life' }, 'SIGKILL');
  expect(isAlive({ pid: process.pid, born: 'in another life' })).toBe(false);
});

test('one that does not heed the signal is ended by force', async () => {
  const child = spawn('/bin/sh', ['-c', `trap '' TERM; echo ready; while :; do sleep 0.05; done`]);
  await once(child.stdout, 'data');
  const it = { pid: child.pid!, born: bornAt(child.pid!)! };
  await end(it, 'SIGTERM', 200);
  expect(isAlive(it)).toBe(false);
});
