import { expect, test, vi } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { idsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { type PostgresBench, postgresBench } from './bench.ts';

const IS_WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

/** A message that stands in the store, in a transaction that its user has not ended yet. */
async function publishLate({ bench, pool }: PostgresBench): Promise<{ commit(): Promise<void> }> {
  const client = await pool.connect();
  await client.query('begin');
  await bench.store.enlist?.(client)?.stage(messageOf('late'));
  return {
    commit: async () => {
      await client.query('commit');
      client.release();
    },
  };
}

describeWith('postgres', 'a message whose transaction commits late', () => {
  test('trap 1: is not missed by a consumer that joins meanwhile', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    const publishing = await publishLate(postgres);
    let joined = false;
    const { registry } = await bench.another(systemRuntime);
    const joining = registry.join({ name: 'billing', kind: 'local', topic: 'orders', ordered: false }, { from: 'beginning' }).then(() => {
      joined = true;
    });
    await vi.waitFor(async () => expect(joined || (await admin.query(IS_WAITING)).rowCount === 1).toBe(true), { interval: 5, timeout: 4_000 });
    await publishing.commit();
    await joining;
    expect(idsOf(await bench.lease('billing'))).toEqual(['late']);
  });

  test('trap 1: is not skipped although later ones were handled', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing');
    const publishing = await publishLate(postgres);
    await bench.publish([messageOf('later')]);
    await bench.handle('billing', await bench.lease('billing'));
    await publishing.commit();
    expect(idsOf(await bench.lease('billing'))).toEqual(['late']);
  });
});
