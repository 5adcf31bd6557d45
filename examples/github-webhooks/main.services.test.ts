import { Client } from 'pg';
import { expect, test } from 'vitest';
import { OwnPostgres } from '../../packages/semel/test/services/own-postgres.ts';
import { overBrokers, trial } from './over-brokers-fixture.ts';

test('on Postgres one round with three kills: the statistics equal the recount, and nothing is left behind', async () => {
  await using server = await OwnPostgres.start();
  await trial(server.url);

  const client = new Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query("select datname from pg_database where datname like 'semel%'");
  await client.end();
  expect(rows).toEqual([]);
});

overBrokers(['kafka'], ['Postgres']); // the others are in the slow tier
