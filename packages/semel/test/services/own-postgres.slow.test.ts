import { Client } from 'pg';
import { expect, test } from 'vitest';
import { OwnPostgres } from './own-postgres.ts';

const CRASHES = 10;
const ROWS_PER_CRASH = 50;

test('what a Postgres acknowledged is there after each of its crashes', async () => {
  await using server = await OwnPostgres.start();
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: server.url });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const setUp = await connect();
  await setUp.query('create table acknowledged (id int generated always as identity)');
  await setUp.end();
  for (let crash = 1; crash <= CRASHES; crash++) {
    const writer = await connect();
    for (let row = 0; row < ROWS_PER_CRASH; row++) await writer.query('insert into acknowledged default values');
    await server.crash();
    await expect(writer.query('select 1')).rejects.toThrow();
    await server.restart();
    const reader = await connect();
    expect((await reader.query('select count(*)::int as rows from acknowledged')).rows).toEqual([{ rows: crash * ROWS_PER_CRASH }]);
    await reader.end();
  }
});
