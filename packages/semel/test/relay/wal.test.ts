import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OwnPostgres } from '../services/own-postgres.ts';
import { countedPool } from './counted-pool.ts';
import { relayService } from './relay-service.ts';
import { Shop } from './shop.ts';

const seed = Number(process.env['RELAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const CUSTOMERS = Array.from({ length: 8 }, (_, index) => `customer ${index}`);
/** Five polls, or half of what lies between two looks of a relay that the log feeds; and long enough to confirm what may be confirmed. */
const QUIET_MS = 2_500;
/** So many messages, one after another, take much longer without a wake-up than with one. */
const TIMES = 12;
const SOON_MS = 3_500;

describe('relays that read the log', () => {
  /** To make a slot a server waits for every transaction that is open, in whatever database. */
  let server: OwnPostgres;

  beforeAll(async () => {
    server = await OwnPostgres.start();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test(`one reads the slot; where it is killed another takes over, and every message comes, in order (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    await using shop = await Shop.open(server.url);
    shop.sink.answer(() => sleep(random() * 4));
    const relays = [await shop.relays.start('wal'), await shop.relays.start('wal'), await shop.relays.start('wal')];
    await shop.read();
    await shop.sell(CUSTOMERS, 10);
    await shop.sink.until('the reader is at work', () => shop.sink.received.length > 40);
    expect(new Set(shop.sink.received.slice(20).map(({ relay }) => relay)).size).toBe(1);
    await relays.find(({ name }) => name === shop.sink.received.at(-1)?.relay)?.kill();
    await shop.delivered();
    expect(shop.faults()).toEqual([]);
    expect(new Set(shop.sink.received.map(({ relay }) => relay)).size).toBeGreaterThan(1);
  });

  test('trap 7: the log is confirmed once what it brought was accepted, and not before', async () => {
    await using shop = await Shop.open(server.url);
    const answer = Promise.withResolvers<void>();
    shop.sink.answer(({ key }) => (key === 'Bob' ? answer.promise : undefined));
    await shop.relays.start('wal');
    await shop.read();
    await shop.sell(['Ann']);
    const afterAnn = await shop.logEnd();
    await shop.confirmed(afterAnn);
    await shop.sell(['Bob']);
    const afterBob = await shop.logEnd();
    await shop.sink.until('Bob', () => shop.sink.ids.includes('Bob/1'));
    await sleep(QUIET_MS); // the server is told every second
    expect(await shop.isConfirmed(afterBob)).toBe(false);
    answer.resolve();
    await shop.confirmed(afterBob);
  });

  test('what the log brings is relayed at once, and the table is left alone meanwhile', async () => {
    await using shop = await Shop.open(server.url);
    await using counted = countedPool(shop.url);
    const semel = relayService(shop.url, 'wal', shop.sink.port, 'relay', { pool: counted.pool });
    const running = await semel.start();
    await shop.read();
    expect(await timeOf(TIMES, () => sellOne(shop))).toBeLessThan(SOON_MS);
    await running.idle();
    const before = counted.looks;
    await sleep(QUIET_MS);
    expect(counted.looks - before).toBeLessThan(2);
    await running.stop();
    expect(shop.faults()).toEqual([]);
  });

  test('what the sink refuses is tried again by and by, and holds up no log meanwhile', async () => {
    await using shop = await Shop.open(server.url);
    let refusals = 0;
    shop.sink.answer(({ key }) => (key === 'Ann' && ++refusals < 5 ? 'refused' : undefined));
    await shop.relays.start('wal');
    await shop.read();
    await shop.sell(['Ann'], 2);
    await shop.sink.until('a refusal', () => refusals > 1);
    await shop.confirmed(await shop.logEnd());
    expect(refusals).toBeLessThan(5);
    await shop.sink.until('the second', () => shop.sink.ids.includes('Ann/2'));
    expect(shop.faults()).toEqual([]);
  });

  test('a delayed message comes when it is due', async () => {
    await using shop = await Shop.open(server.url);
    await shop.relays.start('wal');
    await shop.read();
    await shop.sell(['Ann'], 1, { inMs: 300 });
    await shop.sell(['Bob']);
    await shop.delivered(4_000); // before the next look at the table
    expect(shop.sink.ids).toEqual(['Bob/1', 'Ann/1']);
  });

  test('trap 7: a slot that was dropped is made anew, nothing is lost, and it is told', async () => {
    await using shop = await Shop.open(server.url);
    const relay = await shop.relays.start('wal');
    await shop.read();
    await shop.sell(CUSTOMERS, 2);
    await shop.confirmed(await shop.logEnd());
    await shop.dropSlot();
    await shop.sell(CUSTOMERS, 2);
    await shop.delivered();
    await shop.read();
    await shop.sell(CUSTOMERS, 2);
    await shop.delivered();
    expect(relay.troubles).toContain('slot-lost');
    expect(shop.faults()).toEqual([]);
  });

  test('both: the log wakes a relay, and without it the table is polled', async () => {
    await using shop = await Shop.open(server.url);
    const relay = await shop.relays.start('both');
    await shop.read();
    expect(await timeOf(TIMES, () => sellOne(shop))).toBeLessThan(SOON_MS);
    await shop.relays.start('both');
    relay.signal('SIGSTOP'); // it has the slot, and does nothing
    await shop.sell(['Bob', 'Cid']);
    await shop.delivered(10_000);
    relay.signal('SIGCONT');
    expect(shop.faults()).toEqual([]);
  });
});

/** To a relay that waits for it. */
async function sellOne(shop: Shop): Promise<void> {
  await sleep(50);
  await shop.sell(['Ann']);
  await shop.delivered();
}

async function timeOf(times: number, act: () => Promise<void>): Promise<number> {
  const startedMs = Date.now();
  for (let time = 0; time < times; time++) await act();
  return Date.now() - startedMs;
}
