import pg from 'pg';
import { createSemel } from 'semel';
import { postgres } from 'semel/postgres';
import { expect, test, vi } from 'vitest';
import { proxied, proxyTo } from './proxied.ts';
import { terminatedTest } from './terminated-test.ts';
import { withDatabase } from './with-database.ts';

withDatabase('connections that end', (url) => {
  terminatedTest(url, 30);

  test('one that ends in the moment in which it is made is an error of whoever asked for it, and not the end of the process', async () => {
    const admin = new pg.Pool({ connectionString: url(), max: 1 });
    await using proxy = await proxyTo(url());
    const pool = new pg.Pool({ connectionString: proxied(proxy, url()), application_name: 'ended' });
    const semel = createSemel({ name: 'shop', store: postgres(pool) });
    proxy.hold();
    const opened = expect(semel.open()).rejects.toMatchObject({ code: 'store-unavailable' });
    const terminate = "select where (select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where application_name = 'ended' and state = 'idle') = 1";
    await vi.waitFor(async () => expect((await admin.query(terminate)).rowCount).toBe(1));
    proxy.release(); // its greeting and its end come together
    await opened;
    await Promise.all([pool.end(), admin.end()]);
  });
});
