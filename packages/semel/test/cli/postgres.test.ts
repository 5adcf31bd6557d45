import { expect, test } from 'vitest';
import { BAD, GOOD, WORSE } from '../../src/cli/shop-fixture.ts';
import { postgresSchemaSql } from '../../src/stores/postgres/index.ts';
import { MIGRATIONS } from '../../src/stores/postgres/migrations.ts';
import { describeWith } from '../services/describe-with.ts';
import { PostgresShop } from './postgres-shop.ts';

const DAY_MS = 86_400_000;

describeWith('postgres', 'the command line on Postgres', () => {
  test('looks after a store as it does on SQLite', async () => {
    await using shop = await (await PostgresShop.open()).sell(GOOD, BAD, WORSE);
    const state = { name: 'payments', kind: 'local', topic: 'orders', ordered: true, backlog: { ready: 0, inFlight: 0, retrying: 0, held: 0 }, deadLetters: 2, paused: false };
    expect(await shop.json('status')).toMatchObject({ subscriptions: [state] });
    expect((await shop.semel('dead list')).stdout).toMatch(/1 +payments +NO_PRICE +1 .* C2 +shop\/orders +A2\n/);
    expect((await shop.semel('dead show 1')).stdout).toContain('"orderId": "A2"');
    expect((await shop.semel('dead redrive 1')).stdout).toBe('1  redriven\n');
    expect((await shop.semel('dead discard 2')).stdout).toBe('2  discarded\n');
    expect((await shop.semel('replay payments --from 2020-01-01 --by ann --reason test --yes')).stdout).toBe('replay 1: payments handles 1 message again\n');
    expect((await shop.semel('replays')).stdout).toContain('ann  test\n');
    expect(await shop.json('status')).toMatchObject({ subscriptions: [{ backlog: { ready: 2 }, deadLetters: 0 }] });
    await shop.alter(`update semel.messages set published_at_ms = published_at_ms - ${2 * DAY_MS}; update semel.inbox set at_ms = at_ms - ${2 * DAY_MS}`);
    expect(await shop.json('prune --messages 1d --inbox 1d')).toMatchObject({ removed: { inbox: 1, messages: 1, deadLetters: 0 } });
    expect(await shop.json('doctor')).toMatchObject({ level: 'ok' });
  });

  test('has a schema of its own for each address', async () => {
    await using shop = await PostgresShop.open();
    const store = `${shop.address}?schema=mail`;
    const told = store.replace('postgres@', 'postgres@');
    expect(await shop.semel(`migrate --check --store ${store}`)).toMatchObject({
      exitCode: 1,
      stdout: MIGRATIONS.map(({ version, name }) => `pending  step ${version} (${name})\n`).join(''),
    });
    expect(await shop.semel(`migrate --store ${store}`)).toMatchObject({
      exitCode: 0,
      stdout: MIGRATIONS.map(({ version, name }) => `applied  step ${version} (${name})\n`).join(''),
    });
    expect(await shop.json(`migrate --check --store ${store}`)).toEqual({ store: told, applied: [], pending: [] });
    expect(await shop.semel('status')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('[schema-missing]') });
  });

  test('prints the SQL without a server', async () => {
    await using shop = await PostgresShop.open();
    const print = async (line: string, store = '') => (await shop.semel(`migrate --print ${line}`.trim(), { SEMEL_STORE: store })).stdout;
    expect(await print('--role app --schema mail')).toBe(postgresSchemaSql({ role: 'app', schema: 'mail' }));
    expect(await print('--role app', 'postgres://nowhere.invalid/shop?schema=mail')).toBe(postgresSchemaSql({ role: 'app', schema: 'mail' }));
    expect(await print('', 'postgres:')).toBe(postgresSchemaSql());
    expect(await shop.semel('migrate --print --role app --store shop.db')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('for Postgres') });
  });

  test('never shows a password, whatever goes wrong', async () => {
    await using shop = await PostgresShop.open();
    const secret = new URL(shop.address);
    secret.password = 's3cret';
    const there = `${secret.href}?password=s3cret`;
    secret.port = '1';
    for (const store of [there, secret.href, `${there}&schema=No`, `${secret.href}#`, secret.href.replace('postgres:', 'postgre:')]) {
      for (const line of ['status --debug', 'doctor --json', 'migrate', 'migrate --check --json']) {
        const { stdout, stderr } = await shop.semel(`${line} --store ${store}`);
        expect(`${stdout}${stderr}`).not.toContain('s3cret');
      }
    }
  });

  test('a server that does not answer is told, with the exit code of a store that cannot be used', async () => {
    await using shop = await PostgresShop.open();
    for (const line of ['status', 'doctor', 'migrate', 'migrate --check'])
      expect(await shop.semel(`${line} --store postgres://postgres@127.0.0.1:1/shop`)).toMatchObject({
        exitCode: 3,
        stdout: '',
        stderr: expect.stringContaining('[store-unavailable]'),
      });
  });

  test('a database that is not there is told by its name', async () => {
    await using shop = await PostgresShop.open();
    const absent = shop.address.replace(/[^/]+$/, 'semel_absent');
    expect(await shop.semel(`status --store ${absent}`)).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/"semel_absent" does not exist \[store-/) });
  });
});
