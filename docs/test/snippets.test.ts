import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectStated } from './expect-stated.ts';
import { isRecipe, type Page, pages, programOf } from './page.ts';
import { Workspace } from './workspace.ts';

const all = pages().filter((page) => !isRecipe(page));
let workspace: Workspace;

beforeAll(() => {
  workspace = new Workspace(all);
});

afterAll(() => workspace.remove());

test('every example is well typed', { timeout: 60_000 }, () => {
  expect(workspace.typeErrors()).toBe('');
});

for (const page of all) {
  if (programOf(page) === undefined || page.path === 'README.md') continue;
  test(`the examples of ${page.path} run, and print what they say`, { timeout: 30_000 }, () => {
    expectStated(workspace, page);
  });
}

test('README.md: the example ends on SIGTERM, and the order was charged once', { timeout: 30_000 }, () => {
  const readme = all.find(({ path }) => path === 'README.md') as Page;
  const { folder } = expectStated(workspace, readme, { preload: new URL('./readme/preload.ts', import.meta.url) });
  const database = new DatabaseSync(join(folder, 'shop.db'), { readOnly: true });
  expect(database.prepare('select order_id, cents from charges').all()).toEqual([expect.objectContaining({ order_id: 'A1', cents: 1999 })]);
  expect(database.prepare('select order_id from orders').all()).toEqual([expect.objectContaining({ order_id: 'A1' })]);
  database.close();
});
