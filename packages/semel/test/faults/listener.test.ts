import pg from 'pg';
import { createSemel, type Semel } from 'semel';
import { type PostgresOptions, postgres } from 'semel/postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Order } from '../crash/ledger.ts';
import { orders } from '../crash/services.ts';
import { proxied, proxyTo } from './proxied.ts';
import { withDatabase } from './with-database.ts';

const KILLS = 3;

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 15_000, interval: 5 });

withDatabase('the connection that listens', (url) => {
  const pools: pg.Pool[] = [];
  let admin: pg.Pool;
  let publisher: Semel;
  let published = 0;

  beforeAll(async () => {
    admin = poolOf(url());
    publisher = createSemel({ name: 'shop', store: postgres(poolOf(url()), { migrate: true }) });
    await publisher.open();
  });
  afterAll(() => Promise.all(pools.map((pool) => pool.end())));

  function poolOf(connectionString: string): pg.Pool {
    const pool = new pg.Pool({ connectionString });
    pool.on('error', () => {});
    pools.push(pool);
    return pool;
  }

  async function publish(): Promise<Order> {
    published += 1;
    const order = { orderId: `order ${published}`, customerId: 'ada', number: published };
    await publisher.publish(orders, order);
    return order;
  }

  const listeners = async () =>
    (await admin.query("select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'")).rows.map(({ pid }) => Number(pid));

  /** Counts how often whoever waits for messages is woken. */
  async function watching(connectionString: string, options: PostgresOptions = {}) {
    const store = postgres(poolOf(connectionString), options);
    await createSemel({ name: 'shop', store }).open();
    const woken = vi.fn();
    const unwatch = store.queue?.watch(woken);
    const isWoken = async (work: () => unknown) => {
      woken.mockClear();
      await work();
      await until(() => expect(woken).toHaveBeenCalled());
    };
    const close = async () => {
      unwatch?.();
      await store.close();
    };
    return { isWoken, close };
  }

  test(`is killed ${KILLS} times: there is another soon, and it hears of messages`, async () => {
    const { isWoken, close } = await watching(url());
    let [pid] = await until(async () => expect(await listeners()).toHaveLength(1)).then(listeners);
    await isWoken(publish);
    for (let kill = 0; kill < KILLS; kill++) {
      await isWoken(() => admin.query('select pg_terminate_backend($1, 5000)', [pid])); // for what came while nobody listened
      await isWoken(publish);
      const now = await listeners();
      expect(now).toEqual([expect.any(Number)]);
      expect(now).not.toEqual([pid]);
      [pid] = now;
    }
    await close();
    await until(async () => expect(await listeners()).toEqual([]));
  });

  test('comes back when the network does', async () => {
    await using proxy = await proxyTo(url());
    const { isWoken, close } = await watching(proxied(proxy, url()));
    await until(async () => expect(await listeners()).toHaveLength(1));
    proxy.cut();
    await until(async () => expect(await listeners()).toEqual([]));
    await publish();
    await isWoken(() => proxy.pass());
    await isWoken(publish);
    await close();
  });

  test('trap 6: where NOTIFY is switched off nobody listens, nobody notifies, and messages of another process are found by polling', async () => {
    const handled: string[] = [];
    const semel = createSemel({ name: 'shop', store: postgres(poolOf(url()), { notify: false }) });
    semel.consume(orders, { name: 'polls', from: 'now' }, ({ message }) => void handled.push(message.data.orderId));
    const running = await semel.start();
    const order = await publish();
    await until(() => expect(handled).toEqual([order.orderId]));
    expect(await listeners()).toEqual([]);
    const heard = vi.fn();
    const client = await admin.connect();
    client.on('notification', heard);
    await client.query('listen semel_wake');
    await semel.publish(orders, { ...order, orderId: 'unheard' });
    await until(() => expect(handled).toEqual([order.orderId, 'unheard']));
    await client.query('select');
    expect(heard).not.toHaveBeenCalled();
    client.release(true);
    await running.stop();
  });
});
