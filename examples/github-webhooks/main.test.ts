import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** The trial makes its files in here, and must leave nothing. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-example-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...process.env, TMPDIR: folder, SEMEL_STORE: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function result(child: ChildProcess): Promise<{ readonly code: number; readonly output: string }> {
  const [output, [code]] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), once(child, 'exit')]);
  return { code, output };
}

test('one round with three kills: the statistics equal the recount, and nothing is left behind', { timeout: 60_000 }, async () => {
  const { code, output } = await result(start('--json', '--rounds', '1', '--kills', '3', '--seed', '1'));
  expect(JSON.parse(output)).toMatchObject({ seed: 1, kills: { receiver: 1, 'worker 1': 1, 'worker 2': 1 }, equal: true, passed: true, deadLetters: 0 });
  expect(code).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test('an interrupt takes processes and files along', { timeout: 60_000 }, async () => {
  const child = start('--rounds', '50');
  while (!readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.db'))) await sleep(20);
  child.kill('SIGINT');
  expect((await result(child)).code).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
});

test('an argument that does not fit is explained', async () => {
  const child = spawn(process.execPath, ['--conditions=semel-source', join(import.meta.dirname, 'main.ts'), '--rounds', 'many'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [message, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(message).toContain('--rounds must be a whole number from 1 to 100; it is "many"');
  expect(code).toBe(2);
});
