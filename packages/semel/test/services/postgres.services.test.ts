import { Client, Pool } from 'pg';
import { expect, test } from 'vitest';
import { describeWith, serviceUrl } from './describe-with.ts';
import { database, through } from './postgres.ts';

const VERSIONS = { 'postgres-15': 15, 'postgres-16': 16, 'postgres-17': 17, postgres: 18 } as const;

for (const name of Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]) {
  describeWith(name, `${name} of the services`, () => {
    test('is of its version, and made for logical replication', async () => {
      await using db = await database(serviceUrl(name));
      const client = new Client({ connectionString: db.url });
      await client.connect();
      const { rows } = await client.query(`select current_setting('server_version_num')::int / 10000 as version, current_setting('wal_level') as wal`);
      await client.end();
      expect(rows).toEqual([{ version: VERSIONS[name], wal: 'logical' }]);
    });
  });
}

describeWith('pgbouncer', 'PgBouncer of the services', () => {
  test('gives a connection of the server to one transaction at a time, and leads to the database of the same name', async () => {
    await using db = await database();
    const pool = new Pool({ connectionString: through(serviceUrl('pgbouncer') ?? '', db.url), max: 2 });
    const [one, other] = [await pool.connect(), await pool.connect()];
    const backend = async (client: typeof one): Promise<unknown> => (await client.query('select pg_backend_pid() as pid, current_database() as db')).rows[0];
    const alone = await backend(one);
    await other.query('begin');
    expect(await backend(other)).toEqual(alone);
    expect(await backend(one)).not.toEqual(alone);
    await other.query('commit');
    for (const client of [one, other]) client.release();
    await pool.end();
  });
});
