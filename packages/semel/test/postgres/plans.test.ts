import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench } from './bench.ts';

/** Leaves the statistics of an empty queue, and fills it faster than autovacuum comes by. */
const BURST = `alter table semel.queue set (autovacuum_enabled = false); analyze semel.queue;
  insert into semel.queue (subscription_id, seq, key) select subscription_id, n, 'key' || n % 1000 from semel.subscriptions, generate_series(1, 200000) n`;

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
  });
});
