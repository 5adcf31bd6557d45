import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { serviceUrl } from './describe-with.ts';

/** The newest Postgres at hand, as superuser; `undefined` where there is none. */
export const postgresUrl: string | undefined = serviceUrl('postgres');

/** An empty database of one test file. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Drops it, with every connection and replication slot that is left in it. */
  drop(): Promise<void>;
}

/** Makes an empty database on a server; about 50 ms. */
export async function database(server: string | undefined = postgresUrl): Promise<TestDatabase> {
  if (server === undefined) throw new Error('there is no Postgres: describeWith() skips what needs one, or set SEMEL_TEST_POSTGRES to a server of your own');
  const name = `semel_test_${randomBytes(6).toString('hex')}`;
  await administer(server, (client) => client.query(`create database ${name}`));
  const drop = (): Promise<void> => administer(server, (client) => dropDatabase(client, name));
  return { url: renamed(server, name), drop, [Symbol.asyncDispose]: drop };
}

/** The address of a database by way of another server that leads to the same data, such as PgBouncer. */
export function through(gateway: string, url: string): string {
  return renamed(gateway, new URL(url).pathname.slice(1));
}

async function administer(server: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function dropDatabase(client: Client, name: string): Promise<void> {
  // A slot that is being read forbids it, `force` or not; one that is not read goes with the database.
  await client.query('select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where database = $1 and active', [name]);
  await hasEmptied(client, name); // who is just leaving need not be thrown out
  await client.query(`drop database if exists ${name} with (force)`);
}

async function hasEmptied(client: Client, name: string): Promise<void> {
  for (let look = 0; look < 20; look++) {
    const { rows } = await client.query('select 1 from pg_stat_activity where datname = $1 limit 1', [name]);
    if (rows.length === 0) return;
    await setTimeout(25);
  }
}

function renamed(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
