import { faultProxy } from 'semel/testing';
import { expect, test, vi } from 'vitest';
import { deliveryOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresUrl } from '../services/postgres.ts';
import { holding, postgresBench } from './bench.ts';

/** A COMMIT waits for as long as somebody holds the lock. */
const SLOW_COMMIT = `create function slow() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return null; end $$;
  create constraint trigger slow after insert on effects deferrable initially deferred for each row execute function slow()`;

describeWith('postgres', 'a COMMIT whose reply is lost while it runs', () => {
  test.each(['committed', 'aborted'] as const)('trap 50: is unknown until it is over, then %s', async (fate) => {
    const { hostname, port } = new URL(postgresUrl as string);
    await using proxy = await faultProxy({ to: { host: hostname, port: Number(port) } });
    const through = (url: string) => Object.assign(new URL(url), { host: `${proxy.host}:${proxy.port}` }).href;
    await using postgres = await postgresBench({ through, notify: false });
    const { bench, admin } = postgres;
    await bench.join('billing', { kind: 'remote' });
    await admin.query(SLOW_COMMIT);
    await using lock = await holding(admin, 'select pg_advisory_lock(1)');
    proxy.once({ request: /commit\0/i, then: 'cut-after-request' }).catch(() => {});
    await expect(bench.handle('billing', [deliveryOf(messageOf('lost'))], { unit: 'lost' })).rejects.toMatchObject({ code: 'commit-unknown' });
    expect(await bench.store.resolve('lost')).toBe('unknown');
    if (fate === 'aborted') await admin.query("select pg_cancel_backend(pid) from pg_locks where locktype = 'advisory' and not granted");
    await lock[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(await bench.store.resolve('lost')).toBe(fate), { timeout: 10_000, interval: 10 });
    expect(await bench.effects()).toEqual(fate === 'committed' ? ['billing/lost'] : []);
  });
});
