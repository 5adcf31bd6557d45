import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ArchivedMessage } from '../core/archive.ts';
import { archiveDirectory, readArchive } from './archive-directory.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'semel-archive-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function archived(id: string, data: unknown = { text: 'ä "\\ \n \u2028', list: [1, null, { deep: true }] }): ArchivedMessage {
  const message = { source: 'shop/orders', id, topic: 'orders', type: 'orders', time: '2026-01-01T00:00:00.000Z', key: 'k', headers: { tenant: 'eu' }, data };
  return { message, fingerprint: `print of ${id}`, publishedAtMs: Date.UTC(2026, 2, 1, 12) };
}

/** The path of the one file. */
function onlyFile(): string {
  const [name = '', ...others] = readdirSync(directory);
  expect(others).toEqual([]);
  return join(directory, name);
}

test('what was written is read again, and only its owner may', async () => {
  const messages = [archived('a'), archived('b', 'a text'), archived('c', null)];
  await archiveDirectory(directory)(messages);
  expect(onlyFile()).toMatch(/2026-03-01T12-00-00\.000Z-[0-9a-f]{32}\.jsonl\.gz$/);
  expect(await readArchive(onlyFile())).toEqual(messages);
  if (process.platform !== 'win32') expect(statSync(onlyFile()).mode & 0o077).toBe(0);
});

test('the same messages make the same file, and others another one', async () => {
  const archive = archiveDirectory(directory);
  await archive([archived('a')]);
  const first = readFileSync(onlyFile());
  await Promise.all([archive([archived('a')]), archive([archived('a')])]);
  expect(readFileSync(onlyFile())).toEqual(first);
  await archive([archived('a'), archived('b')]);
  expect(readdirSync(directory)).toHaveLength(2);
});

test('the last line has the number of messages and the SHA-256 of the lines before it', async () => {
  await archiveDirectory(directory)([archived('a'), archived('b')]);
  const lines = gunzipSync(readFileSync(onlyFile())).toString().trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[2] ?? '')).toEqual({ archive: 1, messages: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test.each([
  ['an altered line', (text: string) => text.replace('print of a', 'print of x')],
  ['a line that is gone', (text: string) => text.slice(text.indexOf('\n') + 1)],
  ['a last line that is gone', (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
  ['another number', (text: string) => text.replace('"messages":2', '"messages":3')],
  ['a later format', (text: string) => text.replace('"archive":1', '"archive":2')],
  ['nothing', () => ''],
])('refuses a file with %s', async (_, harm) => {
  await archiveDirectory(directory)([archived('a'), archived('b')]);
  const file = onlyFile();
  writeFileSync(file, gzipSync(harm(gunzipSync(readFileSync(file)).toString())));
  await expect(readArchive(file)).rejects.toMatchObject({ code: 'archive-damaged', message: expect.stringContaining(file) });
});

test('refuses a file that is cut short', async () => {
  await archiveDirectory(directory)([archived('a')]);
  const file = onlyFile();
  writeFileSync(file, readFileSync(file).subarray(0, -9));
  await expect(readArchive(file)).rejects.toMatchObject({ code: 'archive-damaged' });
});

test('makes no directory: a disk that is not mounted must not be taken for another', async () => {
  await expect(archiveDirectory(join(directory, 'none'))([archived('a')])).rejects.toMatchObject({ code: 'ENOENT' });
  expect(readdirSync(directory)).toEqual([]);
});
