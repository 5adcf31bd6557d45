import { expect, test, vi } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { idsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

const IS_WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

describeWith('postgres', 'a consumer that joins while a transaction that has published is open', () => {
  test('waits for it, but lets other publishers pass', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    const client = await admin.connect();
    await client.query('begin');
    await bench.store.enlist?.(client).stage(messageOf('slow'));
    const { registry } = await bench.another(systemRuntime);
    const joining = registry.join({ name: 'billing', kind: 'local', topic: 'orders', ordered: false }, { from: 'beginning' });
    await vi.waitFor(async () => expect((await admin.query(IS_WAITING)).rowCount).toBe(1), { interval: 5, timeout: 4_000 });
    const gaveUp = joining.then(
      () => {},
      () => 'gave up',
    );
    const first = await Promise.race([bench.publish([messageOf('quick')]).then(() => 'published'), gaveUp]);
    await client.query('commit');
    client.release();
    expect(first).toBe('published');
    await joining;
    expect(idsOf(await bench.lease('billing'))).toEqual(['slow', 'quick']);
  });
});
