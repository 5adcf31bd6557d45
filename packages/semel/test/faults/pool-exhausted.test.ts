import pg from 'pg';
import { postgres } from 'semel/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClientBench, EVERYTHING, NOTHING } from '../clients/client-bench.ts';
import { Shop, sale } from '../clients/shop.ts';
import { describeWith } from '../services/describe-with.ts';

describeWith('postgres', 'a pool that is exhausted', () => {
  let bench: ClientBench;
  const pools: pg.Pool[] = [];

  beforeAll(async () => {
    bench = await ClientBench.open(new URL('../clients/libraries/pg.ts', import.meta.url));
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await bench?.close();
  });

  function poolOf(max: number, options: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: bench.url, max, ...options });
    pool.on('error', () => {}); // `end` resolves before the last connection is gone, and the database is dropped under it
    pools.push(pool);
    return pool;
  }

  test("by the user's own code: whoever waits longer than the pool allows gets an error that says so, and goes on later", async () => {
    const pool = poolOf(2, { connectionTimeoutMillis: 100 });
    const shop = Shop.handling(postgres(pool), bench.sell);
    await shop.semel.open();
    const held = [await pool.connect(), await pool.connect()];
    const inVain = shop.semel.transaction(({ tx }) => bench.client.insert(tx, sale('in vain')));
    await expect(inVain).rejects.toMatchObject({ code: 'store-unavailable', message: expect.stringContaining('timeout exceeded when trying to connect') });
    for (const client of held) client.release();
    expect(await shop.process('later')).toEqual(['done']);
    expect(await bench.trace('in vain')).toEqual(NOTHING);
    expect(await bench.trace('later')).toEqual(EVERYTHING);
  });

  test("by the user's own code, without such a limit: what waits goes on as soon as a connection is free", async () => {
    const pool = poolOf(1);
    const shop = Shop.handling(postgres(pool), bench.sell);
    await shop.semel.open();
    const held = await pool.connect();
    let done = false;
    const processed = shop.process('waiting').finally(() => (done = true));
    await bench.admin.query('select pg_sleep(0.05)');
    expect(done).toBe(false);
    held.release();
    expect(await processed).toEqual(['done']);
    expect(await bench.trace('waiting')).toEqual(EVERYTHING);
  });

  test('by handlers that ask for another connection than their own: they fail when their time is over, and hold up nobody for ever', async () => {
    const pool = poolOf(1);
    let asks = true;
    const shop = Shop.handling(
      postgres(pool),
      async (context) => {
        await bench.sell(context);
        if (asks) await pool.query('select 1');
      },
      { timeoutMs: 150 },
    );
    const failures: unknown[] = [];
    shop.semel.observe(({ type, error }) => void (type === 'failed' && failures.push(error)));
    expect(await shop.process('asks for more')).toEqual(['retry']);
    expect(failures).toMatchObject([{ code: 'handler-timeout' }]);
    expect(await bench.trace('asks for more')).toEqual(NOTHING);
    asks = false;
    expect(await shop.process('asks for more')).toEqual(['done']);
    expect(await bench.trace('asks for more')).toEqual(EVERYTHING);
  });

  test('by Semel itself: workers that would wait for one another are not started, and the error has the number', async () => {
    const shop = Shop.handling(postgres(poolOf(2)), bench.sell);
    await expect(shop.semel.start()).rejects.toMatchObject({ code: 'pool-too-small', details: { found: 2, needed: 3 } });
    const fitting = Shop.handling(postgres(poolOf(3)), bench.sell);
    await (await fitting.semel.start()).stop();
  });
});
