import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { deliveryOf, messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

/** Leaves the statistics of an empty queue, and fills it faster than autovacuum comes by. */
const BURST = `alter table semel.queue set (autovacuum_enabled = false); analyze semel.queue;
  insert into semel.queue (subscription_id, seq, key) select subscription_id, n, 'key' || n % 1000 from semel.subscriptions, generate_series(1, 200000) n;
  insert into semel.messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms) select 'suite', n, 'orders', 'orders', '', '{}', '{}', '', 0 from generate_series(1, 3000) n;
  analyze semel.messages`;

/** Gathers all that is ready, to find the first of it. */
const SORTS = /Sort Key: q(_\d+)?\.seq/;

describeWith('postgres', 'a queue that was empty when it was analyzed, and has filled since', () => {
  test('is walked along its index, which ends where enough is found', async () => {
    await using postgres = await postgresBench();
    const { bench, admin, sent } = postgres;
    await bench.join('billing', { ordered: true });
    await bench.lease('billing');
    await bench.queue.nextDueMs('billing');
    await admin.query(BURST);
    const sentWith = (part: string) => sent.findLast(({ text }) => text.includes(part))?.text ?? '';
    const client = await admin.connect();
    const planOf = async (text: string, ...values: readonly unknown[]) => (await client.query(`explain ${text}`, [...values])).rows.map((row) => row['QUERY PLAN']).join('\n');
    const due = await planOf(sentWith('"laterMs"'), 'billing');
    await client.query('begin');
    await client.query(sentWith('for no key update of s'), ['billing']);
    const lease = await planOf(sentWith('insert into semel.leases'), 'billing', 1_000);
    client.release(true);
    expect(due).not.toMatch(SORTS);
    expect(lease).not.toMatch(SORTS);
    expect(lease).not.toMatch(/Seq Scan on messages|Hash Cond: \(.*m\.seq/); // each message is looked up by its number
  });
});

describeWith('postgres', 'plans that are kept from when the inbox was empty', () => {
  test('look up by their identity the records of what is given back, and those of duplicates', async () => {
    await using postgres = await postgresBench();
    const { bench, admin, sent } = postgres;
    await bench.join('billing');
    await admin.query('analyze semel.inbox');
    await bench.publish([messageOf('a'), messageOf('b')]);
    const leased = await bench.lease('billing');
    expect((await bench.handle('billing', leased, { budgetMs: 0 })).map(({ kind }) => kind)).toEqual(['done', 'released']);
    expect((await bench.handle('billing', [deliveryOf(messageOf('a'))])).map(({ kind }) => kind)).toEqual(['duplicate']);
    const client = await admin.connect();
    const sentWith = (part: string) => sent.findLast(({ text }) => text.includes(part))?.text ?? '';
    try {
      await client.query('begin; set local plan_cache_mode = force_generic_plan');
      await client.query(sentWith("set_config('enable_seqscan'"));
      for (const part of ['pg_current_xact_id_if_assigned', 'delete from semel.inbox'])
        expect(await planOf(client, sentWith(part))).toMatch(/Index Cond: \(\(subscription_id = .*source = .*id = /);
    } finally {
      client.release(true);
    }
  });
});

async function planOf(client: PoolClient, text: string): Promise<string> {
  await client.query(`prepare kept (int, text[], text[]) as ${text}`);
  const { rows } = await client.query("explain execute kept (1, '{suite}', '{a}')");
  await client.query('deallocate kept');
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}
