import { expect, test } from 'vitest';
import { systemRuntime } from '../../src/core/runtime.ts';
import { deliveryOf, kindsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

/** Lets rows of the inbox be inserted so slowly that two transactions are surely at it together. */
const SLOW_INBOX = `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.05); return new; end $$;
  create trigger slow before insert on semel.inbox for each row execute function slow()`;

describeWith('postgres', 'transactions that claim the same messages', () => {
  test('trap 10: in opposite orders they wait for one another, and no deadlock has to be broken', async () => {
    await using postgres = await postgresBench();
    const { bench, admin, sent } = postgres;
    await bench.join('billing', { kind: 'remote' });
    await admin.query(SLOW_INBOX);
    const messages = ['a', 'b', 'c', 'd'].map((id) => deliveryOf(messageOf(id)));
    const store = await bench.another(systemRuntime);
    const kinds = await Promise.all([messages, messages.toReversed()].map(async (batch) => kindsOf(await bench.handle('billing', batch, { store }))));
    expect(kinds.toSorted()).toEqual([
      ['done', 'done', 'done', 'done'],
      ['duplicate', 'duplicate', 'duplicate', 'duplicate'],
    ]);
    expect(await bench.effects()).toEqual(['billing/a', 'billing/b', 'billing/c', 'billing/d']);
    expect(sent.filter(({ answer }) => typeof answer === 'object')).toEqual([]);
  });

  test('of which one was handled before: the others run', async () => {
    await using postgres = await postgresBench();
    const { bench } = postgres;
    await bench.join('billing', { kind: 'remote' });
    const [before, after] = [deliveryOf(messageOf('before')), deliveryOf(messageOf('after'))];
    await bench.handle('billing', [before]);
    expect(kindsOf(await bench.handle('billing', [before, after]))).toEqual(['duplicate', 'done']);
  });

  test('trap 10: nobody waits for longer than lockTimeoutMs', async () => {
    await using postgres = await postgresBench({ lockTimeoutMs: 50 });
    const { bench } = postgres;
    await bench.join('billing', { kind: 'remote' });
    const message = deliveryOf(messageOf('slow'));
    const finish = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    const first = bench.handle('billing', [message], {
      run: async () => {
        claimed.resolve();
        await finish.promise;
      },
    });
    await claimed.promise;
    setTimeout(finish.resolve, 3_000).unref(); // or a second that waits would wait for ever
    const second = bench.handle('billing', [message]).finally(finish.resolve);
    await expect(second).rejects.toMatchObject({ code: 'store-busy' });
    expect(kindsOf(await first)).toEqual(['done']);
  });
});
