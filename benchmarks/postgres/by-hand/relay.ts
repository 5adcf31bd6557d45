import { ordersFrom } from '../../messages.ts';
import { serve, timed } from '../../processes/program.ts';
import { connected, createTables, insertOutboxSet } from '../tables.ts';

const TAKE = `delete from shop.outbox where id = any(array(select id from shop.outbox order by id limit 1000 for update skip locked))
  returning id, topic, key, payload::text`;

/** The most that an outbox gives away: a thousand rows at a time are deleted and read, and published nowhere. */
await serve({
  prepare: async ({ url, first, count }) => {
    await createTables(url);
    const client = await connected(url);
    for (let at = 0; at < count; at += 1000) await client.query(insertOutboxSet(ordersFrom(first + at, Math.min(1000, count - at))));
    await client.end();
  },
  run: async ({ url, count }) => {
    const client = await connected(url);
    return timed(client, count, async () => {
      for (;;) if ((await client.query({ name: 'take', text: TAKE })).rowCount === 0) return;
    });
  },
});
