import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { BAD, GOOD, WORSE } from '../../src/cli/shop-fixture.ts';
import { postgresReplicationSql, postgresSchemaSql } from '../../src/stores/postgres/index.ts';
import { MIGRATIONS } from '../../src/stores/postgres/migrations.ts';
import { describeWith } from '../services/describe-with.ts';
import { diagnose, run } from './doctor/diagnosis.ts';
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
    expect(await diagnose(shop, 'waiting-messages')).toMatchObject({ level: 'warn', found: 'payments: 2 messages pending, the oldest for 2d' });
    await shop.sell();
    expect(await diagnose(shop, 'waiting-messages')).toMatchObject({ level: 'ok' });
    expect((await shop.semel('doctor --fail-on fail')).exitCode).toBe(0);
  });

  test('pauses, resumes and removes a consumer', async () => {
    await using shop = await (await PostgresShop.open()).sell(GOOD, BAD);
    await shop.semel('pause payments');
    const pauses = await diagnose(shop, 'pauses');
    expect(pauses).toMatchObject({ level: 'warn', found: 'payments: until resumed', commands: ['semel resume payments'] });
    await run(shop, ...pauses.commands);
    expect(await diagnose(shop, 'pauses')).toMatchObject({ level: 'ok' });
    expect((await shop.semel('remove payments --yes')).stdout).toBe('removed payments: 0 messages, 1 dead letter, 2 records\n');
    expect(await shop.json('status')).toMatchObject({ subscriptions: [] });
  });

  test('has a schema of its own for each address', async () => {
    await using shop = await PostgresShop.open();
    const store = `${shop.address}?schema=mail`;
    expect(await shop.semel(`migrate --check --store ${store}`)).toMatchObject({
      exitCode: 1,
      stdout: MIGRATIONS.map(({ version, name }) => `pending  step ${version} (${name})\n`).join(''),
    });
    expect(await shop.semel(`migrate --store ${store}`)).toMatchObject({
      exitCode: 0,
      stdout: MIGRATIONS.map(({ version, name }) => `applied  step ${version} (${name})\n`).join(''),
    });
    expect(await shop.json(`migrate --check --store ${store}`)).toEqual({ store, applied: [], pending: [] });
    expect(await shop.semel('status')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('[schema-missing]') });
  });

  test('prints the SQL without a server', async () => {
    await using shop = await PostgresShop.open();
    const print = async (line: string, store = '') => (await shop.semel(`migrate --print ${line}`.trim(), { SEMEL_STORE: store })).stdout;
    expect(await print('--role app --schema mail')).toBe(postgresSchemaSql({ role: 'app', schema: 'mail' }));
    expect(await print('--role app', 'postgres://nowhere.invalid/shop?schema=mail')).toBe(postgresSchemaSql({ role: 'app', schema: 'mail' }));
    expect(await print('', 'postgres:')).toBe(postgresSchemaSql());
    expect(await print('--publication --schema mail')).toBe(`${postgresSchemaSql({ schema: 'mail' })}${postgresReplicationSql({ schema: 'mail' })}`);
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

  test.each([
    ['a server that does not answer', (address: URL) => Object.assign(address, { port: '1' }), /ECONNREFUSED .*\[store-unavailable\]/],
    ['a name of several hosts of which none answers', (address: URL) => Object.assign(address, { hostname: 'localhost', port: '1' }), /ECONNREFUSED .*\[store-unavailable\]/],
    ['a host that is not there', (address: URL) => Object.assign(address, { hostname: 'nowhere.invalid' }), /nowhere\.invalid \[store-unavailable\]/],
    [
      'a database that is not there',
      (address: URL) => Object.assign(address, { pathname: '/semel_absent' }),
      /"semel_absent" does not exist; `createdb` makes .* \[store-missing\]/,
    ],
    ['a role that is not there', (address: URL) => Object.assign(address, { username: 'semel_absent' }), /role "semel_absent" does not exist; .* \[store-unavailable\]/],
  ])('%s is told with the address, and the exit code of a store that cannot be used', async (_, change, told) => {
    await using shop = await PostgresShop.open();
    const { href } = change(new URL(shop.address));
    for (const line of ['status', 'doctor', 'migrate', 'migrate --check'])
      expect(await shop.semel(`${line} --store ${href}`)).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(told) });
    expect((await shop.semel(`status --store ${href}`)).stderr).toContain(`no connection to ${href}?schema=semel: `);
  });

  test('a schema that is newer, or that the role may not read, is told', async () => {
    await using shop = await (await PostgresShop.open()).sell();
    await shop.alter("insert into semel.schema_steps values (99, 'later', 'x', 1, '99.0.0')");
    for (const line of ['status', 'migrate', 'migrate --check'])
      expect(await shop.semel(line)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('needs Semel 99.0.0 or later') });
    const role = `app_${randomBytes(4).toString('hex')}`;
    await shop.alter(`create role ${role} login`);
    const { href } = Object.assign(new URL(shop.address), { username: role });
    expect(await shop.semel(`status --store ${href}`)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/permission denied for schema semel \[store-forbidden\]\nGrant the role/),
    });
    await shop.alter(`drop role ${role}`);
  });
});
