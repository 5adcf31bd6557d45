import { Pool } from 'pg';
import * as replication from 'pg-logical-replication';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../../test/services/describe-with.ts';
import { database, type TestDatabase } from '../../../../test/services/postgres.ts';
import { Lifecycle } from '../../../core/lifecycle.ts';
import { systemRuntime } from '../../../core/runtime.ts';
import type { Store } from '../../../core/store.ts';
import { postgres, postgresReplicationSql, postgresSchemaSql, postgresSlot } from '../index.ts';

describeWith('postgres', 'the publication of the outbox', () => {
  let db: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    db = await database();
    pool = new Pool({ connectionString: db.url });
  });

  afterAll(async () => {
    await pool.end();
    await db.drop();
  });

  const store = (options: { readonly schema: string; readonly migrate?: boolean }) =>
    postgres(pool, { ...options, relay: { mode: 'wal', replication, connection: { connectionString: db.url } } });

  async function opened(what: Store): Promise<void> {
    await what.open({ runtime: systemRuntime, lifecycle: new Lifecycle() });
    await what.close();
  }

  const published = async () => (await pool.query('select schemaname, tablename from pg_publication_tables order by schemaname')).rows;

  test('without it a store that reads the log does not open, and says what to run', async () => {
    await pool.query(postgresSchemaSql({ schema: 'by_hand' }));
    const sql = postgresReplicationSql({ schema: 'by_hand' });
    await expect(opened(store({ schema: 'by_hand' }))).rejects.toMatchObject({
      code: 'schema-missing',
      message: expect.stringContaining('create publication semel_by_hand for table by_hand.messages'),
    });
    for (let times = 0; times < 2; times++) await pool.query(sql);
    await opened(store({ schema: 'by_hand' }));
    expect(await published()).toEqual([{ schemaname: 'by_hand', tablename: 'messages' }]);
  });

  test('is made with the schema where the store may, by as many at once as there are', async () => {
    await Promise.all(Array.from({ length: 4 }, () => opened(store({ schema: 'by_itself', migrate: true }))));
    expect(await published()).toContainEqual({ schemaname: 'by_itself', tablename: 'messages' });
  });

  test('opening makes no slot: who never relays keeps no log', async () => {
    expect(await postgresSlot(pool, { schema: 'by_itself' })).toBeUndefined();
  });
});
