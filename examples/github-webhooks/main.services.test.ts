import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { OwnPostgres } from '../../packages/semel/test/services/own-postgres.ts';

const MAIN = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', join(import.meta.dirname, 'main.ts')];

test('on Postgres one round with three kills: the statistics equal the recount, and nothing is left behind', async () => {
  await using server = await OwnPostgres.start();
  const { stdout } = await promisify(execFile)(process.execPath, [...MAIN, '--json', '--rounds', '1', '--kills', '3', '--seed', '1'], {
    env: { ...process.env, SEMEL_STORE: server.url },
  });
  expect(JSON.parse(stdout)).toMatchObject({ seed: 1, kills: { receiver: 1, 'worker 1': 1, 'worker 2': 1 }, equal: true, passed: true, deadLetters: 0 });

  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query("select datname from pg_database where datname like 'semel%'");
  await client.end();
  expect(rows).toEqual([]);
});
