import pg from 'pg';
import { createSemel, type StandardSchema, topic } from 'semel';
import { type PgClient, postgres } from 'semel/postgres';
import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { database } from '../services/postgres.ts';

const schema: StandardSchema<{ readonly id: string }> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { readonly id: string } }) } };
const orders = topic('orders', { schema, id: ({ id }) => id, key: ({ id }) => id });

/** Where `refuse()` says so, the server refuses BEGIN, as it does when a cancellation comes late; what was sent behind it is on its way. */
function refusing(pool: pg.Pool, refuse: () => boolean) {
  return {
    options: pool.options,
    async connect(): Promise<PgClient> {
      const client = await pool.connect();
      return new Proxy(client as unknown as PgClient, {
        get(target, name) {
          const value = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          if (name !== 'query') return value.bind(target);
          return (query: { readonly text: string }) => target.query(query.text.startsWith('begin') && refuse() ? { text: 'select 1/0' } : query);
        },
      });
    },
  };
}

describeWith('postgres', 'a BEGIN that is refused', () => {
  test.each([true, false])('keeps nothing of what was sent behind it (pipeline: %s)', async (pipeline) => {
    await using db = await database();
    const pool = new pg.Pool({ connectionString: db.url, pipeline, max: 5 } as pg.PoolConfig);
    pool.on('error', () => {});
    let left = 0;
    const store = postgres(
      refusing(pool, () => left > 0 && left-- > 0),
      { migrate: true },
    );
    const semel = createSemel({ name: 'shop', store });
    await semel.open();
    await pool.query('create table effects (id text)');
    let runs = 0;
    const consumer = semel.consume(orders, { name: 'charge' }, async ({ message, tx }) => {
      runs += 1;
      await tx.query('insert into effects values ($1)', [message.data.id]);
    });
    await semel.processor(consumer); // joins
    const count = async (table: string) => (await pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;

    left = 1;
    expect(await semel.deliver(consumer, { id: 'A' })).toMatchObject([{ kind: 'released' }]);
    expect([runs, await count('effects'), await count('semel.inbox')]).toEqual([0, 0, 0]);
    expect(await semel.deliver(consumer, { id: 'A' })).toMatchObject([{ kind: 'done' }]);
    expect([runs, await count('effects'), await count('semel.inbox')]).toEqual([1, 1, 1]);

    left = 1;
    await expect(semel.transaction(({ tx }) => tx.query("insert into effects values ('business')"))).rejects.toMatchObject({ code: 'store-busy' });
    expect(await count('effects')).toBe(1);

    await semel.publish(orders, { id: 'queued' });
    left = 1;
    const lease = () => store.queue?.lease('charge', { max: 10, leaseMs: 1000, suspects: false });
    await expect(lease()).rejects.toMatchObject({ code: 'store-busy' });
    expect(await count('semel.leases')).toBe(0);
    left = 0;
    expect(await lease()).toHaveLength(1);
    await semel.close();
    await pool.end();
  });
});
