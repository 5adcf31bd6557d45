import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { sqliteSchemaSql, sqliteSchemaStatus } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { SqliteFixture } from './sqlite-fixture.ts';

const PROGRAM = `
  const { SqliteStore } = await import(process.argv[1]);
  const { Lifecycle } = await import(process.argv[2]);
  const { systemRuntime } = await import(process.argv[3]);
  const store = new SqliteStore(process.argv[4], {});
  await store.open({ runtime: systemRuntime, lifecycle: new Lifecycle() });
  await store.registry.join({ name: 'c' + process.argv[5], kind: 'local', topic: 't', ordered: false }, { from: 'now' });
  await store.close();
`;

const MODULES = ['./sqlite-store.ts', '../../core/lifecycle.ts', '../../core/runtime.ts'].map((path) => new URL(path, import.meta.url).href);

async function openInProcess(path: string, name: number): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', '--conditions=semel-source', '--input-type=module', '-e', PROGRAM, ...MODULES, path, String(name)], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let trouble = '';
  child.stderr.on('data', (chunk) => {
    trouble += chunk;
  });
  const [code] = await once(child, 'exit');
  return code === 0 ? '' : trouble;
}

test('several processes that start at once on a new file all succeed, and each step is applied once', async () => {
  await using fixture = new SqliteFixture();
  expect(await Promise.all([1, 2, 3, 4].map((name) => openInProcess(fixture.path, name)))).toEqual(['', '', '', '']);
  expect(fixture.rows('select count(*) as n from semel_subscriptions')).toEqual([{ n: 4 }]);
  expect(sqliteSchemaStatus(fixture.path)).toMatchObject({ applied: MIGRATIONS.map(({ version }) => ({ version })), pending: [] });
}, 30_000);

test('with migrate false a missing schema is refused, and nothing is changed', async () => {
  await using fixture = new SqliteFixture();
  expect(sqliteSchemaStatus(fixture.path).pending.length).toBeGreaterThan(0);
  await expect(fixture.open({ migrate: false })).rejects.toMatchObject({ code: 'schema-missing' });
  expect(fixture.rows('select name from sqlite_schema')).toEqual([]);
});

test('a step of a newer Semel is fine while it admits this one', async () => {
  await using fixture = new SqliteFixture();
  await (await fixture.open()).close();
  const raw = fixture.raw();
  raw.exec("insert into semel_schema values (99, 'later', 'x', 1, '0.1.0')");
  await (await fixture.open({ migrate: false })).close();
  raw.exec("update semel_schema set oldest = '99.0.0' where version = 99");
  raw.close();
  await expect(fixture.open()).rejects.toMatchObject({ code: 'schema-newer', message: expect.stringContaining('99.0.0') });
});

test('an altered step is refused', async () => {
  await using fixture = new SqliteFixture();
  await (await fixture.open()).close();
  const raw = fixture.raw();
  raw.exec("update semel_schema set checksum = 'x'");
  raw.close();
  await expect(fixture.open()).rejects.toMatchObject({ code: 'schema-changed' });
});

test('the boundaries of each step are told, and the SQL can be printed', async () => {
  await using fixture = new SqliteFixture();
  const seen: string[] = [];
  fixture.lifecycle.observe(({ type }) => void seen.push(type));
  await fixture.open();
  expect(seen).toEqual(MIGRATIONS.flatMap(() => ['migrating', 'migrated']));
  fixture.raw().exec('select 1');
  expect(sqliteSchemaSql()).toContain('create table semel_messages');
});
