import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSemel, type StandardSchema, type Store, topic } from 'semel';
import { sqlite } from 'semel/sqlite';
import { ackBroker, logBroker, memory, seededRandom } from 'semel/testing';
import { afterEach, describe, expect, test } from 'vitest';

/** The engine over both kinds of broker and both kinds of store, with everything that the broker's contract allows done to it. */

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly number: number;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => o.id, key: (o) => o.customer });
const seed = Number(process.env['BROKERS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const MESSAGES = 80;

interface Bench {
  readonly store: Store<never>;
  /** What committed, in its order. */
  effects(): Promise<readonly string[]>;
  write(tx: never, id: string): void;
}

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const stores: Readonly<Record<string, () => Bench>> = {
  memory: () => {
    const store = memory();
    let count = 0;
    return {
      store: store as Store<never>,
      write: (tx: { set(key: string, value: unknown): void }, id: string) => tx.set(`effect ${String(count++).padStart(6, '0')}`, id),
      effects: async () => [...(await store.values())].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, id]) => String(id)),
    } as Bench;
  },
  sqlite: () => {
    const dir = mkdtempSync(join(tmpdir(), 'semel-brokers-'));
    dirs.push(dir);
    const store = sqlite(join(dir, 'effects.db'));
    return {
      store: store as unknown as Store<never>,
      write: (tx: { exec(sql: string): void; prepare(sql: string): { run(id: string): unknown } }, id: string) => {
        tx.exec('create table if not exists effects (position integer primary key, id text)');
        tx.prepare('insert into effects (id) values (?)').run(id);
      },
      effects: async () => {
        const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
        const db = new DatabaseSync(join(dir, 'effects.db'), { readOnly: true });
        const rows = db.prepare('select id from effects order by position').all();
        db.close();
        return rows.map((row) => String(row['id']));
      },
    } as unknown as Bench;
  },
};

/** Failures that a retry mends: each message may fail up to twice. */
function flaky(random: () => number): (id: string) => void {
  const failures = new Map<string, number>();
  return (id) => {
    const soFar = failures.get(id) ?? 0;
    if (soFar >= 2 || random() > 0.15) return;
    failures.set(id, soFar + 1);
    throw new Error(`no luck with ${id}`);
  };
}

const brokers = {
  'log by position': () => {
    const broker = logBroker({ partitions: 3 });
    const harm = async (random: () => number) => {
      const choice = random();
      if (choice < 0.3) await broker.rebalance('orders', 'charge');
      else if (choice < 0.6) broker.rewind('orders', 'charge', Math.floor(random() * 10));
      else if (choice < 0.7) broker.appendAgain('orders');
      else broker.inject('orders', new TextEncoder().encode('{"not":"an event"'), 1);
    };
    return { broker, harm };
  },
  'acked one by one': () => {
    const broker = ackBroker({ visibilityMs: 400 });
    const harm = async (random: () => number) => {
      const choice = random();
      if (choice < 0.3) broker.deliverTwice(5);
      else if (choice < 0.6) broker.loseAcks(3);
      else if (choice < 0.8) broker.redeliverAcknowledged();
      else broker.inject('orders', new TextEncoder().encode('{"not":"an event"'));
    };
    return { broker, harm };
  },
} as const;

describe.each(Object.keys(stores))('effects in %s', (storeName) => {
  describe.each(Object.keys(brokers) as (keyof typeof brokers)[])('from a broker %s', (brokerName) => {
    test(`one effect per message, and the order of each key where the broker has one (seed ${seed})`, { timeout: 60_000 }, async () => {
      const random = seededRandom(seed);
      const bench = (stores[storeName] as () => Bench)();
      const { broker, harm } = brokers[brokerName]();
      const shop = createSemel({ name: 'shop', store: memory(), routes: { orders: broker } });
      const charging = createSemel({ name: 'charging', store: bench.store, routes: { orders: broker } });
      const mayFail = flaky(random);
      charging.consume(orders, { name: 'charge', group: { max: 10 }, leaseMs: 2_000, timeoutMs: 1_900, retry: { baseMs: 10, capMs: 50 } }, async ({ message, tx }) => {
        if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 1));
        bench.write(tx as never, message.data.id);
        mayFail(message.data.id);
      });
      const relaying = await shop.start();
      const consuming = await charging.start();
      for (let number = 0; number < MESSAGES; number++) {
        await shop.publish(orders, { id: `order-${number}`, customer: `customer-${number % 5}`, number });
        if (number % 8 === 7) await harm(random);
        if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const all = Array.from({ length: MESSAGES }, (_, number) => `order-${number}`);
      await expect.poll(async () => new Set(await bench.effects()).size, { timeout: 30_000, interval: 50 }).toBe(MESSAGES);
      await consuming.stop();
      await relaying.stop();
      const effects = await bench.effects();
      expect(effects.toSorted()).toEqual(all.toSorted());
      for (let customer = 0; customer < 5 && broker.contract.ordering.value !== 'none'; customer++) {
        const own = effects.map((id) => Number(id.slice('order-'.length))).filter((number) => number % 5 === customer);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    });
  });
});
