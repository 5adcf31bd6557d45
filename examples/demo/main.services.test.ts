import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OwnPostgres } from '../../packages/semel/test/services/own-postgres.ts';
import { overBrokers } from './over-brokers-fixture.ts';

const MAIN = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', join(import.meta.dirname, 'main.ts')];

let server: OwnPostgres;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  server = await OwnPostgres.start();
  env = { ...process.env, SEMEL_STORE: server.url };
});
afterAll(() => server[Symbol.asyncDispose]());

/** Those that nobody dropped. */
async function databasesLeft(): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query("select datname from pg_database where datname not in ('postgres', 'template0', 'template1')");
  await client.end();
  return rows;
}

test('on Postgres it loses and repeats in the controls, and never with Semel', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...MAIN, '--json', '--messages', '60', '--kills', '6', '--seed', '1'], { env });
  const { runs } = JSON.parse(stdout);
  expect(runs).toMatchObject([
    { mode: 'acknowledge-first', messages: 60, exact: false },
    { mode: 'acknowledge-after', messages: 60, exact: false },
    { mode: 'semel', messages: 60, lost: 0, duplicated: 0, exact: true },
  ]);
  expect(runs[0].lost).toBeGreaterThanOrEqual(4); // the four that are killed at a chosen step
  expect(runs[1].duplicated).toBeGreaterThanOrEqual(4 + 3); // and three that the broker delivers twice
  for (const { kills } of runs) expect(kills).toBeGreaterThanOrEqual(4);
  expect(await databasesLeft()).toEqual([]);
});

test('on Postgres it leaves nothing behind when it is interrupted', async () => {
  const demo = spawn(process.execPath, [...MAIN, '--messages', '100000'], { env });
  await once(demo.stderr, 'data'); // the database is made, and the workers are started
  demo.kill('SIGINT');
  expect(await once(demo, 'close')).toEqual([130, null]);
  expect(await databasesLeft()).toEqual([]);
});

test.each([
  ['mysql://root@127.0.0.1/shop', 'SEMEL_STORE must be the address of a Postgres server'],
  ['shop.db', 'SEMEL_STORE must be the address of a Postgres server'],
  ['postgres://bob:secret@127.0.0.1:1/postgres', 'SEMEL_STORE: on the Postgres server at 127.0.0.1:1 this failed: create database'],
])('SEMEL_STORE=%s is refused with 2, and no password is told', async (address, message) => {
  const refused = promisify(execFile)(process.execPath, MAIN, { env: { ...env, SEMEL_STORE: address } });
  await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  await expect(refused).rejects.not.toMatchObject({ stderr: expect.stringContaining('secret') });
});

overBrokers(['rabbitmq']); // the others take a minute: slow tier
