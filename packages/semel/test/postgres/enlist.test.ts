import { expect, test, vi } from 'vitest';
import { idsOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { type PostgresBench, postgresBench } from './bench.ts';

/** Publishes in a transaction that the user opened. */
async function publish({ bench, pool }: PostgresBench, id: string, options?: { readonly notBeforeMs: number }): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await bench.store.enlist?.(client)?.stage(messageOf(id), options);
    await client.query('commit');
  } finally {
    client.release();
  }
}

describeWith('postgres', 'a publish in the user’s own transaction', () => {
  test('wakes those who listen, with the commit', async () => {
    await using postgres = await postgresBench();
    const { bench, sent } = postgres;
    await bench.join('billing');
    const woken = vi.fn();
    const unwatch = bench.queue.watch(woken);
    await vi.waitFor(() => expect(sent.some(({ text, answer }) => text.startsWith('listen') && answer === 'success')).toBe(true));
    woken.mockClear();
    await publish(postgres, 'now');
    await vi.waitFor(() => expect(woken).toHaveBeenCalled());
    expect(idsOf(await bench.lease('billing'))).toEqual(['now']);
    unwatch();
  });

  test('notifies nobody where that is switched off', async () => {
    await using postgres = await postgresBench({ notify: false });
    await postgres.bench.join('billing');
    await publish(postgres, 'now');
    expect(postgres.sent.filter(({ text }) => text.includes('pg_notify'))).toEqual([]);
  });

  test('that is refused takes nothing with it of those beside it', async () => {
    await using postgres = await postgresBench();
    const { bench, pool, admin } = postgres;
    await bench.publish([messageOf('known')]);
    const client = await pool.connect();
    await client.query('begin');
    const messages = [messageOf('before'), messageOf('known', { data: 'another' }), messageOf('after')];
    const outcomes = await Promise.allSettled(messages.map((message) => bench.store.enlist?.(client)?.stage(message)));
    await client.query('commit');
    client.release();
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'identity-conflict' } }, { status: 'fulfilled' }]);
    expect((await admin.query('select id from semel.messages order by seq')).rows.map(({ id }) => id)).toEqual(['known', 'before', 'after']);
  });

  test('may be delayed', async () => {
    await using postgres = await postgresBench();
    await postgres.bench.join('billing');
    await publish(postgres, 'later', { notBeforeMs: Date.now() + 3_600_000 });
    expect(await postgres.bench.lease('billing')).toEqual([]);
    expect((await postgres.admin.query("select due_at_ms is not null as delayed from semel.messages where id = 'later'")).rows).toEqual([{ delayed: true }]);
  });

  test('that the server refuses for a reason of its own is told by that reason', async () => {
    await using postgres = await postgresBench();
    await postgres.admin.query('alter table semel.store_identity rename column store_id to renamed');
    await expect(publish(postgres, 'now')).rejects.toMatchObject({ code: 'schema-outdated' });
  });
});
