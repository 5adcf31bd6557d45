import { expect, test, vi } from 'vitest';
import { messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { holding, postgresBench } from './bench.ts';

describeWith('postgres', 'a connection of the pool', () => {
  test('trap 20: on which a statement got no answer in time is closed, and not used again', async () => {
    await using postgres = await postgresBench({ notify: false, config: { query_timeout: 100 } });
    const { bench, admin, pool } = postgres;
    const before = pool.totalCount;
    await using _lock = await holding(admin, 'begin; lock table semel.inbox in access exclusive mode');
    await expect(bench.store.inbox.get('billing', { source: 'shop', id: 'a' })).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(pool.totalCount).toBe(before - 1);
  });

  test('trap 20: on which the server refused something goes back into the pool', async () => {
    await using postgres = await postgresBench({ notify: false });
    const { bench, admin, pool } = postgres;
    const before = pool.totalCount;
    await admin.query('alter table semel.inbox rename to hidden');
    await expect(bench.store.inbox.get('billing', { source: 'shop', id: 'a' })).rejects.toMatchObject({ code: 'schema-missing' });
    expect([pool.totalCount, pool.idleCount]).toEqual([before, before]);
  });

  test('trap 8: which listened does so no more when it goes to somebody else', async () => {
    await using postgres = await postgresBench();
    const { bench, pool, sent } = postgres;
    await bench.join('billing');
    const unwatch = bench.queue.watch(() => {});
    await vi.waitFor(() => expect(sent.some(({ text, answer }) => text.startsWith('listen') && answer === 'success')).toBe(true));
    unwatch();
    await bench.publish([messageOf('one')]);
    await bench.store.close();
    const answers = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.query('select pg_listening_channels()')));
    expect(answers.map(({ rowCount }) => rowCount)).toEqual(answers.map(() => 0));
  });
});
