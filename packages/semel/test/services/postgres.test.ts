import { Client } from 'pg';
import { expect, test } from 'vitest';
import { describeWith } from './describe-with.ts';
import { database, postgresUrl, through } from './postgres.ts';

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('the same database by way of another server', () => {
  expect(through('postgres://bob@127.0.0.1:6432/postgres?sslmode=disable', 'postgres://127.0.0.1:5432/semel_test_1')).toBe(
    'postgres://bob@127.0.0.1:6432/semel_test_1?sslmode=disable',
  );
});

describeWith('postgres', 'a database of one test file', () => {
  test('two see nothing of each other', async () => {
    await using one = await database();
    await using other = await database();
    await ask(one.url, 'create table orders (id int)');
    expect(await ask(other.url, `select to_regclass('orders') as found`)).toEqual([{ found: null }]);
  });

  test('is gone when dropped, with a connection and a slot that are left in it', async () => {
    const { url, drop } = await database();
    const left = new Client({ connectionString: url });
    left.on('error', () => {});
    await left.connect();
    await left.query(`select pg_create_logical_replication_slot('slot_of_' || current_database(), 'pgoutput')`);
    await drop();
    const name = new URL(url).pathname.slice(1);
    expect(await ask(postgresUrl!, `select from pg_database where datname = '${name}' union all select from pg_replication_slots where database = '${name}'`)).toEqual([]);
  });
});
