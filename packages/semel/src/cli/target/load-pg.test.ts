import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPg } from './load-pg.ts';

let folder: string;
let project: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-load-'));
  project = join(folder, 'package.json');
});

afterEach(() => rmSync(folder, { recursive: true }));

test("the project's own pg comes first", async () => {
  mkdirSync(join(folder, 'node_modules/pg'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/pg/index.js'), "module.exports = { Pool: 'of the project' }");
  expect(await loadPg([project, import.meta.filename])).toEqual({ Pool: 'of the project' });
});

test('then the one beside this package', async () => {
  expect((await loadPg([project, import.meta.filename])).Pool).toBeTypeOf('function');
});

test('without any the error says what to install', async () => {
  await expect(loadPg([project])).rejects.toMatchObject({ code: 'driver-missing', message: expect.stringContaining('npm install pg') });
});
