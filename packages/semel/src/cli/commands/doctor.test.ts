import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../../core/version.ts';
import { BAD, GOOD, Shop } from '../shop-fixture.ts';

test('finds nothing wrong with a store in order', async () => {
  using shop = await new Shop().sell(GOOD);
  const { exitCode, stdout } = await shop.semel('doctor');
  expect(stdout).not.toMatch(/^(warn|fail)/m);
  expect(stdout).toContain(`ok    version           Semel ${VERSION} can use it\n`);
  expect(exitCode).toBe(0);
});

test('says what it found and what mends it, and the exit code tells from the level asked for', async () => {
  using shop = await new Shop().sell(BAD);
  const found = await shop.semel('doctor');
  expect(found.exitCode).toBe(1);
  expect(found.stdout).toContain('warn  dead-letters      payments: 1\n                        → `semel dead list --consumer payments` says why;');
  expect((await shop.semel('doctor --fail-on fail')).exitCode).toBe(0);
  expect(await shop.json('doctor')).toMatchObject({
    store: `sqlite:${shop.file}`,
    level: 'warn',
    findings: expect.arrayContaining([{ check: 'dead-letters', level: 'warn', found: 'payments: 1', todo: expect.any(String) }]),
  });
});

test.each([
  ["update semel_schema set checksum = 'other'", 'was applied in another form'],
  ["insert into semel_schema values (99, 'later', '', 0, '999.0.0')", 'needs Semel 999.0.0 or later'],
])('a schema that this version cannot use fails: %s', async (sql, found) => {
  using shop = await new Shop().sell();
  shop.alter(sql);
  expect(await shop.json('doctor')).toMatchObject({
    level: 'fail',
    findings: expect.arrayContaining([expect.objectContaining({ check: 'version', found: expect.stringContaining(found) })]),
  });
  expect((await shop.semel('doctor --fail-on fail')).exitCode).toBe(1);
});

test('what is no database at all fails, and is no reason to stop short of a diagnosis', async () => {
  using shop = new Shop();
  writeFileSync(shop.file, 'no database, but longer than the header of one would be: '.repeat(20));
  expect(await shop.semel('doctor')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^fail {2}integrity {2}.*is not an SQLite database\n/), stderr: '' });
});

test('colours are for terminals whose user wants them', async () => {
  using shop = await new Shop().sell(GOOD);
  const coloured = async (circumstances: Parameters<Shop['semel']>[1]) => (await shop.semel('doctor', circumstances)).stdout.includes('\x1b[32mok');
  expect(await coloured({ isTty: true })).toBe(true);
  expect(await coloured({ isTty: false })).toBe(false);
  expect(await coloured({ isTty: true, NO_COLOR: '1' })).toBe(false);
  expect(await coloured({ isTty: true, TERM: 'dumb' })).toBe(false);
});
