import { expect, test, vi } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { idsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

const IS_WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

describeWith('postgres', 'a message whose transaction commits late', () => {
  test('trap 1: is not missed by a consumer that joins meanwhile', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    const commit = Promise.withResolvers<void>();
    const staged = Promise.withResolvers<void>();
    const publishing = bench.transact(async (scope) => {
      await scope.stage(messageOf('late'));
      await bench.effect(scope, 'publisher');
      staged.resolve();
      await commit.promise;
    });
    await staged.promise;
    let joined = false;
    const { registry } = await bench.another(systemRuntime);
    const joining = registry.join({ name: 'billing', kind: 'local', topic: 'orders', ordered: false }, { from: 'beginning' }).then(() => {
      joined = true;
    });
    await vi.waitFor(async () => expect(joined || (await admin.query(IS_WAITING)).rowCount === 1).toBe(true), { interval: 5, timeout: 4_000 });
    commit.resolve();
    await Promise.all([publishing, joining]);
    expect(idsOf(await bench.lease('billing'))).toEqual(['late']);
  });

  test('trap 1: is not skipped although later ones were handled', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing');
    const commit = Promise.withResolvers<void>();
    const staged = Promise.withResolvers<void>();
    const publishing = bench.transact(async (scope) => {
      await scope.stage(messageOf('late'));
      staged.resolve();
      await commit.promise;
    });
    await staged.promise;
    await bench.publish([messageOf('later')]);
    await bench.handle('billing', await bench.lease('billing'));
    commit.resolve();
    await publishing;
    expect(idsOf(await bench.lease('billing'))).toEqual(['late']);
  });
});
