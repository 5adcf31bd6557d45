import pg from 'pg';
import type { Store } from 'semel';
import { postgres } from 'semel/postgres';
import { expect, test } from 'vitest';
import { Lifecycle } from '../../src/core/lifecycle.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { idsOf, messageOf, receiptsOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeOnForgetfulDisk } from './describe-on-forgetful-disk.ts';
import { PostgresGround } from './postgres-ground.ts';

const PATIENT = { timeout: 240_000 } as const;
const LEASE = { max: 1, leaseMs: 60_000, suspects: true } as const;
/** Of what was not flushed nothing is left. */
const NOTHING = () => 0.4;

await describeOnForgetfulDisk('a lease on Postgres', () => {
  test('that a power failure takes is given again, to no suspect, under a fence that was never used', PATIENT, async () => {
    await using ground = await PostgresGround.start({ wal_writer_delay: '10s' });
    const first = await opened(ground);
    await first.registry.join({ name: 'pay', kind: 'local', topic: 'orders', ordered: true }, { from: 'now' });
    await publish(first, 'a');
    await ground.begin();
    const [before] = (await (await opened(ground)).queue?.lease('pay', LEASE)) ?? [];
    await ground.losePower(NOTHING, process.hrtime.bigint());
    const [after] = (await (await opened(ground)).queue?.lease('pay', LEASE)) ?? [];
    expect([before, after].map((delivery) => delivery && [idsOf([delivery]), delivery.attempt, delivery.suspect])).toEqual([
      [['a'], 1, undefined],
      [['a'], 1, undefined],
    ]);
    expect(new Set([before, after].flatMap((delivery) => (delivery ? receiptsOf([delivery]).map(({ fence }) => fence) : []))).size).toBe(2);
  });
});

/** A store whose connections end with their server. */
async function opened({ store: connectionString }: PostgresGround): Promise<Store<unknown>> {
  const pool = new pg.Pool({ connectionString, pipeline: true });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const store = postgres(pool, { migrate: true });
  await store.open({ runtime: systemRuntime, lifecycle: new Lifecycle() });
  return store as Store<unknown>;
}

async function publish(store: Store<unknown>, id: string): Promise<void> {
  const run = async (scope: { stage: (message: ReturnType<typeof messageOf>) => Promise<void> }) => scope.stage(messageOf(id)).then(() => []);
  await store.commit([{ items: [], run }], { unit: id, onFailure: () => undefined });
}
