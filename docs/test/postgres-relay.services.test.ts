import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../packages/semel/test/services/describe-with.ts';
import { database } from '../../packages/semel/test/services/postgres.ts';
import { expectStated } from './expect-stated.ts';
import { type Page, pages } from './page.ts';
import { Workspace } from './workspace.ts';

/** No recipe, so its blocks are marked otherwise. */
const found = pages().find(({ path }) => path === 'docs/postgres/relay.md') as Page;
const page: Page = { ...found, text: found.text.replaceAll('```typescript\n', '```ts\n') };

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace([page]);
});
afterAll(() => workspace.remove());

test('the examples of the page on relays are well typed', () => {
  expect(workspace.typeErrors()).toBe('');
});

describeWith('postgres', 'the page on relays', () => {
  test('its examples run, and print what they say', async () => {
    await using made = await database();
    expectStated(workspace, page, { env: { DATABASE_URL: made.url } });
  });
});
