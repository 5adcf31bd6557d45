import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createSemel, type StandardSchema, topic } from 'semel';
import { memory } from 'semel/testing';
import { expect, test } from 'vitest';
import { checkedOptions } from '../../packages/semel/src/semel-options.ts';
import { postgresSettings } from '../../packages/semel/src/stores/postgres/postgres-options.ts';
import { sqliteSettings } from '../../packages/semel/src/stores/sqlite/sqlite-options.ts';

const DAY_MS = 86_400_000;
const anything: StandardSchema = { '~standard': { version: 1, vendor: 'docs', validate: (value) => ({ value }) } };

/** The page with each run of white space as one blank: a line may end anywhere. */
function proseOf(path: string): string {
  return readFileSync(join(import.meta.dirname, '..', path), 'utf8').replaceAll(/\s+/g, ' ');
}

test('docs/consumers.md states the defaults of the code', () => {
  const { policies } = createSemel({ name: 'shop', store: memory() }).consume(topic('orders', { schema: anything }), { name: 'payments' }, () => {});
  const { groupMax, budgetMs, timeoutMs, leaseMs, retry } = policies;
  const page = proseOf('consumers.md');
  expect(page).toContain(`up to ${groupMax}, or what is done within ${budgetMs} ms`);
  expect(page).toContain(`a random part of ${retry.baseMs} ms, ${retry.baseMs * retry.factor} ms, ${retry.baseMs * retry.factor ** 2} ms … ${retry.capMs / 1000} s`);
  expect(page).toContain(`a dead letter after ${retry.attempts} attempts`);
  expect(page).toContain(`\`timeoutMs\` (${timeoutMs / 1000} s)`);
  expect(page).toContain(`\`leaseMs\` (${leaseMs / 1000} s`);
});

test('docs/publishing.md states the defaults of the code', () => {
  const { retention, relay } = checkedOptions({ name: 'shop', store: memory() });
  const page = proseOf('publishing.md');
  expect(page).toContain(`up to ${relay.max} messages a call (\`relay.max\`)`);
  expect(page).toContain(`after ${relay.timeoutMs / 1000} s (\`relay.timeoutMs\`)`);
  expect(page).toContain(`after ${relay.leaseMs / 1000} s (\`relay.leaseMs\`)`);
  expect(page).toMatch(new RegExp(`\\| \`inboxMs\` \\| [^|]+\\| ${retention.inboxMs / DAY_MS} days \\|`));
  expect(page).toMatch(new RegExp(`\\| \`messagesMs\` \\| [^|]+\\| ${retention.messagesMs / DAY_MS} days \\|`));
});

test.each([
  ['transports/local.md', 'SQLite', sqliteSettings({})],
  ['postgres/README.md', 'Postgres', postgresSettings('postgres', {})],
])('docs/%s lists the options of the %s store with their defaults', (path, _, settings) => {
  const rows = [...proseOf(path).matchAll(/\| `(\w+)` \| `?([^`|]+?)`? \|/g)].map(([, name, value]) => [name, value]);
  expect(rows).toEqual(Object.entries(settings).map(([name, value]) => [name, inspect(value)]));
});
