import { Pool } from 'pg';
import { postgresSlot } from 'semel/postgres';
import { expect, test } from 'vitest';
import { OwnPostgres } from '../services/own-postgres.ts';
import { Shop } from './shop.ts';

/** The least that a server keeps for a slot, and then more log than that. */
const SETTINGS = { max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' };
const SEGMENTS = 4;
const CUSTOMERS = ['Ann', 'Bob', 'Cid'];

test('trap 7: a slot that its server gives up for the sake of its disk is made anew; what it did not bring comes from the table', async () => {
  await using server = await OwnPostgres.start(SETTINGS);
  await using shop = await Shop.open(server);
  const reader = await shop.relays.start('wal');
  await shop.read();
  const other = await shop.relays.start('wal');
  await shop.sell(CUSTOMERS);
  await shop.delivered();
  reader.signal('SIGSTOP');
  await shop.sell(CUSTOMERS);
  for (let segment = 0; segment < SEGMENTS; segment++) await shop.ask("select pg_logical_emit_message(true, 'filler', 'filler'), pg_switch_wal()");
  await shop.ask('checkpoint');
  await shop.delivered();
  await shop.read();
  expect(other.troubles).toContain('slot-lost');
  reader.signal('SIGCONT');
  await shop.sell(CUSTOMERS, 5);
  await shop.delivered();
  expect(shop.faults()).toEqual([]);
  const pool = new Pool({ connectionString: server.url });
  expect(await postgresSlot(pool)).toMatchObject({ active: true, walStatus: 'reserved', safeBytes: expect.any(Number) });
  await pool.end();
});
