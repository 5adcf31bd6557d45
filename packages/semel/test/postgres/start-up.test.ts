import pg from 'pg';
import { postgres } from 'semel/postgres';
import { test } from 'vitest';
import { Lifecycle } from '../../src/core/lifecycle.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { describeWith } from '../services/describe-with.ts';
import { database } from '../services/postgres.ts';

const STORES = 4;

describeWith('postgres', 'stores that open at once on an empty database', () => {
  test('all succeed, although each has found nothing there', async () => {
    await using db = await database();
    const pool = new pg.Pool({ connectionString: db.url });
    pool.on('error', () => {});
    const stores = Array.from({ length: STORES }, () => postgres(pool, { migrate: true }));
    const lifecycle = new Lifecycle();
    const looked = Promise.withResolvers<void>();
    let migrating = 0;
    lifecycle.observe(async ({ type }) => {
      if (type === 'migrating' && ++migrating === STORES) looked.resolve();
      await looked.promise;
    });
    await Promise.all(stores.map((store) => store.open({ runtime: systemRuntime, lifecycle })));
    await Promise.all(stores.map((store) => store.close()));
    await pool.end();
  });
});
