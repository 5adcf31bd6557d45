import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Page, pages, programOf, statedOutput } from './page.ts';
import { Workspace } from './workspace.ts';

const all = pages();
let workspace: Workspace;

beforeAll(() => {
  workspace = new Workspace(all);
});

afterAll(() => workspace.remove());

test('every example is well typed', { timeout: 60_000 }, () => {
  expect(workspace.typeErrors()).toBe('');
});

for (const page of all) {
  const program = programOf(page);
  if (program === undefined || page.path === 'README.md') continue;
  test(`the examples of ${page.path} run, and print what they say`, { timeout: 30_000 }, () => {
    const { exitCode, stdout, stderr } = workspace.run(page);
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, -1)).toEqual(statedOutput(program));
    expect(exitCode).toBe(0);
  });
}

test('README.md: the example ends on SIGTERM, and the order was charged once', { timeout: 30_000 }, () => {
  const readme = all.find(({ path }) => path === 'README.md') as Page;
  const { exitCode, stderr, folder } = workspace.run(readme, new URL('./readme/preload.ts', import.meta.url));
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  const database = new DatabaseSync(join(folder, 'shop.db'), { readOnly: true });
  expect(database.prepare('select order_id, cents from charges').all()).toEqual([expect.objectContaining({ order_id: 'A1', cents: 1999 })]);
  expect(database.prepare('select order_id from orders').all()).toEqual([expect.objectContaining({ order_id: 'A1' })]);
  database.close();
});
