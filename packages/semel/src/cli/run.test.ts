import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../core/version.ts';
import { BAD, Shop } from './shop-fixture.ts';

test.each([
  'dead redrive',
  'dead redrive --all',
  'dead redrive --consumer payments',
  'dead redrive 1 --all --consumer payments',
  'dead redrive 1 --reason NO_PRICE',
  'dead discard x',
  'dead show',
  'dead list --limit 0',
  'prune',
  'prune --inbox 30',
  'doctor --fail-on ok',
  'doctor --max-age soon',
  'replay payments --from yesterday --by ann --reason x',
  'replay payments --from 2026-01-01 --by ann',
  'replay payments --from 2026-01-01 --reason x',
  'replay payments --from 2026-01-02 --to 2026-01-01 --by ann --reason x',
  'replay payments --from 2026-01-01 --by " " --reason x',
  'remove',
  'remove payments',
  'pause payments --until soon',
  'resume',
  'doctor --role app',
  'migrate --role app',
  'migrate --schema shop',
  'explain',
  'explain app.ts payments more',
  'prove',
  'prove app.ts payments more',
  'prove app.ts --kills none',
  'prove app.ts --kills 9',
  'prove app.ts --workers 1',
  'status --colour',
  'status too many',
  'statsu',
  'dead',
  'dead nonsense',
])('wrong usage does nothing: %s', async (line) => {
  using shop = await new Shop().sell(BAD);
  const { exitCode, stdout, stderr } = await shop.semel(line);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^semel: |^Usage: /);
  expect(await shop.deadIds()).toEqual([1]);
});

test('a slip gets a suggestion', async () => {
  using shop = new Shop();
  expect((await shop.semel('statsu')).stderr).toContain('(Did you mean status?)');
  expect((await shop.semel('status --jsno')).stderr).toContain('(Did you mean --json?)');
});

test('help and version are no errors', async () => {
  using shop = new Shop();
  expect(await shop.semel('--version')).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect(await shop.semel('dead redrive --help')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/--dry-run.*--store/s), stderr: '' });
});

test.each([
  'status',
  'dead list',
  'dead show 1',
  'dead redrive 1',
  'dead discard 1',
  'replay payments --from 2026-01-01 --by ann --reason x --yes',
  'replays',
  'pause payments',
  'resume payments',
  'remove payments --yes',
  'prune --inbox 1d',
  'doctor',
])('%s makes no store where there is none', async (line) => {
  using shop = new Shop();
  expect(await shop.semel(line)).toMatchObject({
    exitCode: 3,
    stdout: '',
    stderr: expect.stringMatching(/^semel: there is no file .*shop\.db \[store-missing\]\n.*semel migrate/),
  });
  expect(existsSync(shop.file)).toBe(false);
});

test.each(['status', 'dead list', 'replays', 'prune --inbox 1d'])("%s leaves a stranger's database as it is", async (line) => {
  using shop = new Shop();
  shop.alter('create table notes (text)');
  const before = readFileSync(shop.file);
  expect(await shop.semel(line)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('[schema-missing]') });
  expect(readFileSync(shop.file).equals(before)).toBe(true);
});

test('what a stranger wrote cannot command the terminal', async () => {
  using shop = await new Shop().sell({ ...BAD, orderId: 'A\x1b[2J2', customer: 'C\u202e2' });
  for (const line of ['dead list', 'dead show 1']) {
    const { stdout } = await shop.semel(line);
    expect([stdout.includes('A\\x1b[2J2'), stdout.includes('\x1b'), stdout.includes('\u202e')], line).toEqual([true, false, false]);
  }
});

test('an error shows its stack only with --debug', async () => {
  using shop = new Shop();
  expect((await shop.semel('status')).stderr).not.toContain('    at ');
  expect((await shop.semel('status --debug')).stderr).toContain('    at ');
});
