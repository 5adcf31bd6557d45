import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { OwnPostgres } from '../services/own-postgres.ts';
import { through } from '../services/postgres.ts';
import { type Mode, poolOf, relayService } from './relay-service.ts';
import { Shop } from './shop.ts';

const seed = Number(process.env['RELAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const MODES: readonly Mode[] = ['wal', 'both', 'poll', 'wal'];
const CUSTOMERS = Array.from({ length: 12 }, (_, index) => `customer ${index}`);

for (const version of ['postgres-15', 'postgres'] as const) {
  describeWith(version, `relays on ${version}`, () => {
    test(`of all modes, side by side and killed again and again: every message, each key in order (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      await using shop = await Shop.open(serviceUrl(version));
      shop.sink.answer(() => sleep(random() * 4));
      const relays = await Promise.all(MODES.map((mode) => shop.relays.start(mode)));
      await shop.read();
      for (let kill = 0; kill < 6; kill++) {
        const victim = kill % MODES.length;
        const reached = shop.sink.received.length + 20 + Math.floor(random() * 60);
        await shop.sell(CUSTOMERS, 8);
        await shop.sink.until('a relay is at work', () => shop.sink.received.length >= reached || shop.sink.ids.length === shop.sold);
        await relays[victim]?.kill();
        relays[victim] = await shop.relays.start(MODES[victim] as Mode);
      }
      await shop.delivered();
      expect(shop.faults()).toEqual([]);
    });
  });
}

describe('relays that read the log', () => {
  let server: OwnPostgres;

  beforeAll(async () => {
    server = await OwnPostgres.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test('where the one that reads it hangs, another stands in', async () => {
    await using shop = await Shop.open(server.url);
    const reader = await shop.relays.start('wal');
    await shop.read();
    const other = await shop.relays.start('wal');
    await shop.sell(CUSTOMERS);
    await shop.delivered();
    reader.signal('SIGSTOP');
    await shop.sell(CUSTOMERS);
    await shop.delivered();
    expect(shop.sink.received.at(-1)?.relay).toBe(other.name);
    reader.signal('SIGCONT');
    expect(shop.faults()).toEqual([]);
  });

  test('many messages in one transaction, more than are kept in memory', async () => {
    await using shop = await Shop.open(server.url);
    await shop.relays.start('wal');
    await shop.read();
    await shop.sell(CUSTOMERS, 1_000);
    await shop.delivered();
    expect(shop.faults()).toEqual([]);
  });
});

describeWith('pgbouncer', 'a relay whose store goes through PgBouncer', () => {
  test('reads the log on a connection of its own to the server', async () => {
    await using shop = await Shop.open();
    const pool = poolOf(through(serviceUrl('pgbouncer') ?? '', shop.url));
    const semel = relayService(shop.url, 'wal', shop.sink.port, 'relay', { pool });
    const running = await semel.start();
    await shop.read();
    await shop.sell(CUSTOMERS, 3);
    await shop.delivered();
    await running.stop();
    await pool.end();
    expect(shop.faults()).toEqual([]);
  });
});

test('a server that crashes and comes back: relays that read its log go on', async () => {
  await using server = await OwnPostgres.start();
  await using shop = await Shop.open(server);
  shop.sink.answer(() => sleep(2));
  await shop.relays.start('wal');
  await shop.relays.start('wal');
  await shop.read();
  for (let crash = 0; crash < 2; crash++) {
    await shop.sell(CUSTOMERS, 10);
    await server.crash();
    await server.restart();
  }
  await shop.delivered();
  await shop.read();
  expect(shop.faults()).toEqual([]);
});

test('a server that writes too little into its log is refused, with what to set', async () => {
  await using server = await OwnPostgres.start({ wal_level: 'replica' });
  await expect(Shop.open(server)).rejects.toMatchObject({ code: 'capability-missing', message: expect.stringContaining('wal_level = logical') });
});
