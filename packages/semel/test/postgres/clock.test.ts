import { setTimeout as sleep } from 'node:timers/promises';
import { manualRuntime } from 'semel/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { deliveryOf, idsOf, messageOf, receiptsOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { type PostgresBench, postgresBench } from './bench.ts';

const HOUR_MS = 3_600_000;
const ALL = { max: 10, leaseMs: 30_000, suspects: true };

/** A store of a process whose clock is wrong; that of this one is from now on. */
function anotherAt({ bench }: PostgresBench, offsetMs: number) {
  const nowMs = Date.now() + offsetMs;
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  return bench.another(manualRuntime({ nowMs }));
}

describeWith('postgres', 'a process whose clock is wrong', () => {
  afterEach(() => vi.useRealTimers());

  test('trap 35: an hour ahead it takes no lease that is not over, and prunes no record that is young', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing');
    await bench.publish([messageOf('held'), messageOf('done')]);
    const [held, done] = await bench.lease('billing', 2);
    await bench.handle('billing', [done!]);
    const ahead = await anotherAt(postgres, HOUR_MS);
    expect(await ahead.queue?.lease('billing', ALL)).toEqual([]);
    expect(await ahead.prune({ inboxMs: HOUR_MS / 2, messagesMs: HOUR_MS / 2 })).toEqual({ inbox: 0, messages: 0, deadLetters: 0 });
    expect(await ahead.queue?.extend('billing', receiptsOf([held!]), 1)).toEqual([]);
  });

  test('trap 35: an hour behind it sees that a lease is over, and its own records are of now', async () => {
    await using postgres = await postgresBench();
    const { bench, admin } = postgres;
    await bench.join('billing');
    await bench.publish([messageOf('left')]);
    await bench.lease('billing', 1, 1);
    await sleep(5);
    const behind = await anotherAt(postgres, -HOUR_MS);
    expect(idsOf((await behind.queue?.lease('billing', ALL)) ?? [])).toEqual(['left']);
    await bench.handle('billing', [deliveryOf(messageOf('now'))], { store: behind });
    const { rows } = await admin.query("select extract(epoch from now()) * 1000 - at_ms < 60000 as young from semel.inbox where id = 'now'");
    expect(rows).toEqual([{ young: true }]);
  });
});
