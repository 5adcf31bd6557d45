import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services/describe-with.ts';
import { database, type TestDatabase } from '../../../test/services/postgres.ts';
import { Lifecycle } from '../../core/lifecycle.ts';
import { systemRuntime } from '../../core/runtime.ts';
import type { Store } from '../../core/store.ts';
import { postgres } from './index.ts';

const RECORDS = 60_000;
const MESSAGES = 30_000;
/** Of the messages so many are still waited for. */
const BACKLOG = 20_000;
const DAY_MS = 86_400_000;

/** Old records and messages of one consumer. */
const FILL = `
insert into semel.inbox (subscription_id, source, id, fingerprint, at_ms)
  select subscription_id, 'shop/orders', 'order-' || n, lpad(n::text, 43, '0'), 0 from semel.subscriptions, generate_series(1, ${RECORDS}) as n;
insert into semel.messages (source, id, topic, type, time, headers, data, fingerprint, published_at_ms)
  select 'shop/orders', 'order-' || n, 'orders', 'orders', '2026-01-01T00:00:00.000Z', '{}', '{}', '', 0 from generate_series(1, ${MESSAGES}) as n;
insert into semel.queue (subscription_id, seq) select subscription_id, seq from semel.subscriptions, semel.messages order by seq desc limit ${BACKLOG};
analyze semel.inbox, semel.messages, semel.queue`;

/** A statement as the store sends it, with its plan. */
interface Sent {
  readonly text: string;
  readonly plan: string;
}

describeWith('postgres', 'pruning', () => {
  let db: TestDatabase;
  let admin: pg.Pool;
  beforeAll(async () => {
    db = await database();
    admin = new pg.Pool({ connectionString: db.url });
    admin.on('error', () => {});
  });
  afterAll(async () => {
    await admin.end();
    await db.drop();
  });

  /** A filled store, and the statements that it sends from then on. */
  async function filled(): Promise<{ readonly store: Store; readonly sent: readonly Sent[]; close(): Promise<void> }> {
    const sent: Sent[] = [];
    const pool = new pg.Pool({ connectionString: db.url });
    pool.on('error', () => {});
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (given: pg.QueryConfig) => Promise<pg.QueryResult>;
      client.query = (async (given: pg.QueryConfig) => {
        const { text, values } = given;
        const plan = /^(select|with)/.test(text) ? (await admin.query(`explain ${text}`, values)).rows.map((row) => row['QUERY PLAN']).join('\n') : '';
        sent.push({ text, plan });
        return query(given);
      }) as typeof client.query;
    });
    await admin.query('drop schema if exists semel cascade');
    const store: Store = postgres(pool, { migrate: true }) as Store;
    await store.open({ runtime: systemRuntime, lifecycle: new Lifecycle() });
    await store.registry.join({ name: 'payments', kind: 'local', topic: 'orders', ordered: false }, { from: 'now' });
    await admin.query(FILL);
    sent.length = 0;
    const close = async () => {
      await store.close();
      await pool.end();
    };
    return { store, sent, close };
  }

  async function countOf(table: string): Promise<number> {
    return (await admin.query(`select count(*)::int as count from semel.${table}`)).rows[0].count;
  }

  test('no statement reads a whole table, with an archive or without', async () => {
    const { store, sent, close } = await filled();
    expect(await store.prune({ inboxMs: DAY_MS })).toMatchObject({ inbox: RECORDS });
    const once = { archive: async () => void (await admin.query('update semel.messages set due_at_ms = 0 where seq > 5000')) }; // only then the others are needed again
    expect(await store.prune({ messagesMs: DAY_MS }, once)).toMatchObject({ messages: 5_000 });
    await admin.query('update semel.messages set due_at_ms = null');
    expect(await store.prune({ messagesMs: DAY_MS })).toMatchObject({ messages: MESSAGES - BACKLOG - 5_000 });
    const whole = sent.flatMap(({ text, plan }) => [...plan.matchAll(/Seq Scan on (inbox|messages|queue)\b/g)].map(([scan]) => `${scan}: ${text}`));
    expect(whole).toEqual([]);
    expect(sent.length).toBeGreaterThan(30);
    await close();
  });

  test('works in small transactions: while one waits for a lock, those before it are committed', async () => {
    const { store, sent, close } = await filled();
    const other = await admin.connect();
    await other.query(`begin; select from semel.inbox where id = 'order-${RECORDS}' for update`);
    const pruning = store.prune({ inboxMs: DAY_MS });
    while ((await admin.query("select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")).rowCount === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const left = await countOf('inbox');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(RECORDS / 3);
    await other.query('rollback');
    other.release();
    expect(await pruning).toMatchObject({ inbox: RECORDS });
    expect(sent.filter(({ text }) => text.includes('delete from')).length).toBeGreaterThan(3);
    expect(sent.filter(({ text }) => text.startsWith('begin'))).toEqual([]);
    await close();
  });
});
