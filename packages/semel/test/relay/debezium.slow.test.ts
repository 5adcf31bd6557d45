import { readFileSync } from 'node:fs';
import { createSemel, type Semel } from 'semel';
import { postgres } from 'semel/postgres';
import { expect, test } from 'vitest';
import { reasonOf } from '../../src/core/reason-of.ts';
import { OwnPostgres } from '../services/own-postgres.ts';
import { debezium, Engine } from './debezium/engine.ts';
import { orders } from './orders.ts';
import { poolOf } from './relay-service.ts';

/** What the page tells to run and to configure is what runs here. */
const PAGE = readFileSync(new URL('../../../../docs/postgres/relay.md', import.meta.url), 'utf8');
const SQL = blockOf('pgsql');
const PROPERTIES = blockOf('properties');

const found = await debezium().catch((error: unknown) => {
  if (process.env['CI']) throw error;
  return reasonOf(error);
});

const title = "Debezium's outbox event router reads the outbox: keys, types, identities and data; after a crash of the engine nothing is missing";
test.skipIf(typeof found === 'string')(typeof found === 'string' ? `${title} [${found}]` : title, async () => {
  if (typeof found === 'string') return;
  await using server = await OwnPostgres.start();
  const pool = poolOf(server.url);
  const semel = createSemel({ name: 'shop', store: postgres(pool, { migrate: true }) });
  await semel.open();
  await pool.query(SQL);
  await using engine = new Engine(found, addressedTo(server.url));
  engine.start();
  await engine.until('it reads', async () => (await pool.query("select from pg_stat_replication where state = 'streaming'")).rowCount === 1);

  await sell(semel, ['Ann', 'Bob'], 1);
  await expect(sell(semel, ['Cid'], 1, true)).rejects.toThrow('changed its mind');
  await engine.until('two events', () => engine.routed.length === 2);
  expect(engine.routed[0]).toMatchObject({
    topic: 'outbox.event.orders',
    key: 'Ann',
    value: { customer: 'Ann', number: 1 },
    headers: { id: 'Ann/1', ce_source: 'shop/orders', ce_type: 'orders', ce_time: expect.stringMatching(/^20.*Z$/) },
  });

  await engine.kill();
  await sell(semel, ['Ann', 'Bob'], 2);
  engine.start();
  await engine.until('the others', () => ids(engine).size === 4);
  expect([...ids(engine)]).toEqual(['Ann/1', 'Bob/1', 'Ann/2', 'Bob/2']);
  await semel.close();
  await engine.kill();
  await pool.end();
});

async function sell(semel: Semel<unknown>, customers: readonly string[], number: number, fails = false): Promise<void> {
  await semel.transaction(async ({ publish }) => {
    for (const customer of customers) await publish(orders, { customer, number });
    if (fails) throw new Error('changed its mind');
  });
}

function ids(engine: Engine): ReadonlySet<unknown> {
  return new Set(engine.routed.map(({ headers }) => headers['id']));
}

/** The page's configuration, with the address of the test's database. */
function addressedTo(url: string): string {
  const { hostname, port } = new URL(url);
  const own: Readonly<Record<string, string>> = {
    'database.hostname': hostname,
    'database.port': port,
    'database.user': 'postgres',
    'database.password': 'none',
    'database.dbname': 'postgres',
  };
  return `${PROPERTIES}\n${Object.entries(own)
    .map((entry) => entry.join('='))
    .join('\n')}`; // the last one counts
}

function blockOf(language: string): string {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(PAGE)?.[1] ?? '';
}
