import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { Shop } from './shop.ts';

const seed = Number(process.env['RELAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const CUSTOMERS = Array.from({ length: 12 }, (_, index) => `customer ${index}`);

const KILLS = 2;

describeWith('postgres', 'relays that poll', () => {
  test(`traps 4, 9: three at once, killed again and again: every message, each key in order, by one relay at a time (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    await using shop = await Shop.open();
    shop.sink.answer(() => sleep(random() * 4));
    const relays = await Promise.all(['poll', 'poll', 'poll'].map(() => shop.relays.start('poll')));
    for (let kill = 0; kill < KILLS; kill++) {
      const reached = shop.sink.received.length + 20 + Math.floor(random() * 40);
      await shop.sell(CUSTOMERS, 8);
      await shop.sink.until('a relay is at work', () => shop.sink.received.length >= reached);
      await relays.find(({ name }) => name === shop.sink.received.at(-1)?.relay)?.kill();
      relays.push(await shop.relays.start('poll'));
    }
    await shop.delivered();
    expect(shop.faults()).toEqual([]);
    expect(new Set(shop.sink.received.map(({ relay }) => relay)).size).toBeGreaterThan(KILLS);
  });

  test('one that is killed holds up nothing but the keys in its hands, and those no longer than its lease', async () => {
    await using shop = await Shop.open();
    const stuck = await shop.relays.start('poll');
    shop.sink.answer(({ relay }) => (relay === stuck.name ? new Promise(() => {}) : undefined));
    await shop.sell(['Ann']);
    await shop.sink.until('the relay has her message', () => shop.sink.ids.includes('Ann/1'));
    await stuck.kill();
    const other = await shop.relays.start('poll');
    await shop.sell(['Ann', 'Bob', 'Cid']);
    await shop.delivered();
    expect(shop.sink.received.slice(1).map(({ relay }) => relay)).toEqual(Array.from({ length: 4 }, () => other.name));
    const [first, second, ...after] = shop.sink.received.slice(1).map(({ id }) => id);
    expect([first, second].toSorted()).toEqual(['Bob/1', 'Cid/1']);
    expect(after).toEqual(['Ann/1', 'Ann/2']);
    expect(shop.faults()).toEqual([]);
  });

  test('trap 1: a message whose transaction commits late is not skipped', async () => {
    await using shop = await Shop.open();
    await shop.relays.start('poll');
    const [opened, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = shop.sellSlowly('Ann', opened.resolve, go.promise);
    await opened.promise;
    await shop.sell(['Bob', 'Cid']);
    await shop.sink.until('the others', () => shop.sink.ids.length === 2);
    go.resolve();
    await late;
    await shop.delivered();
    expect(shop.sink.ids.at(-1)).toBe('Ann/1');
  });
});
