import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../../packages/semel/test/services/describe-with.ts';
import { database } from '../../packages/semel/test/services/postgres.ts';
import { expectStated } from './expect-stated.ts';
import { blockOf, isRecipe, type Page, pages, programOf } from './page.ts';
import { Workspace } from './workspace.ts';

const all = pages().filter(isRecipe);
const recipes = all.filter((page) => programOf(page) !== undefined);
const TABLES = all.map((page) => blockOf(page, 'sql')).join('');

/** What every recipe leaves: both orders, each charged once, a record of each, and of whom it gave up. */
const EFFECT = {
  orders: ['A1 1999', 'A2 500'],
  charges: ['A1 1999', 'A2 500'],
  records: ['A1/placed careless dead', 'A1/placed payments done', 'A2/placed payments done'],
};

let workspace: Workspace;

beforeAll(() => {
  workspace = new Workspace(recipes);
});
afterAll(() => workspace.remove());

test('every recipe is well typed', () => {
  expect(workspace.typeErrors()).toBe('');
});

for (const name of ['postgres-15', 'postgres'] as const) {
  describeWith(name, `on ${name}`, () => {
    test.each(recipes.map((page) => [page.path, page] as const))('%s: it runs, and each order is charged once', async (_, page) => {
      await using made = await database(serviceUrl(name));
      await ask(made.url, (client) => client.query(TABLES));
      expectStated(workspace, page, { env: { DATABASE_URL: made.url } });
      expect(await ask(made.url, effectOn)).toEqual(EFFECT);
    });
  });
}

test.each(recipes.map((page) => [page.path, page] as const))('%s names the versions that it was tested with', (_, page) => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { devDependencies: Record<string, string> };
  const named = testedWith(page);
  expect(named).not.toEqual({});
  expect(devDependencies).toMatchObject(named);
});

/** On a connection that no library has a hand in. */
async function ask<Answer>(url: string, question: (client: Client) => Promise<Answer>): Promise<Answer> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return question(client).finally(() => client.end());
}

async function effectOn(client: Client): Promise<typeof EFFECT> {
  const list = async (text: string, from: string) => (await client.query<{ line: string }>(`select ${text} as line from ${from} order by 1`)).rows.map(({ line }) => line);
  return {
    orders: await list(`order_id || ' ' || cents`, 'orders'),
    charges: await list(`order_id || ' ' || cents`, 'charges'),
    records: await list(`id || ' ' || name || ' ' || state`, 'semel.inbox join semel.subscriptions using (subscription_id)'),
  };
}

/** The packages of "Tested with pg 8.23.1, on Postgres 15 and 18." with their versions. */
function testedWith({ text }: Page): Readonly<Record<string, string>> {
  const sentence = /Tested with (.*?), on Postgres 15 and 18\./s.exec(text)?.[1] ?? '';
  return Object.fromEntries([...sentence.matchAll(/([@\w/.-]+) (\d+\.\d+\.\d+)/g)].map(([, name = '', version = '']) => [name, version]));
}
