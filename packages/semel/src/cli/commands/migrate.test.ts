import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sqliteSchemaSql } from '../../stores/sqlite/index.ts';
import { Shop } from '../shop-fixture.ts';

test('prints the SQL without a store', async () => {
  using shop = new Shop();
  expect(await shop.semel('migrate --print', { SEMEL_STORE: '' })).toEqual({ exitCode: 0, stdout: sqliteSchemaSql(), stderr: '' });
  expect(await shop.json('migrate --print')).toEqual({ sql: sqliteSchemaSql() });
  expect(existsSync(shop.file)).toBe(false);
});

test('checks, applies, and is done then', async () => {
  using shop = new Shop();
  expect(await shop.semel('migrate --check')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^pending {2}step 1 \(/) });
  expect(existsSync(shop.file)).toBe(false);
  expect(await shop.semel('migrate')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^applied {2}step 1 \(/) });
  expect(await shop.semel('migrate')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^up to date, step \d+\n$/) });
  expect(await shop.json('migrate --check')).toEqual({ store: `sqlite:${shop.file}`, applied: [], pending: [] });
});

test.each(['migrate', 'migrate --check'])('%s refuses a schema that was altered', async (line) => {
  using shop = await new Shop().sell();
  shop.alter("update semel_schema set checksum = 'other'");
  expect(await shop.semel(line)).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('[schema-changed]') });
});
