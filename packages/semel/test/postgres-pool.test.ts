import pg from 'pg';
import { createSemel, type StandardSchema, topic } from 'semel';
import { postgres } from 'semel/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from './services/describe-with.ts';
import { database, type TestDatabase } from './services/postgres.ts';

const schema: StandardSchema<number> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as number }) } };
const orders = topic('orders', { schema, id: String });

const CONCURRENCY = 4;
/** One for each handler, one for heartbeats, one to listen. */
const NEEDED = CONCURRENCY + 2;
const HANDLER_MS = 20;
/** Fifty are taken at once. */
const MESSAGES = 50 * CONCURRENCY;

describeWith('postgres', 'the size of the pool', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await database();
  });
  afterAll(() => db.drop());

  /** A service whose handlers hold their connections most of the time. */
  function service(max: number) {
    const pool = new pg.Pool({ connectionString: db.url, max });
    const semel = createSemel({ name: 'shop', store: postgres(pool, { migrate: true }) });
    const handled: string[] = [];
    semel.consume(orders, { name: 'payments', group: false, concurrency: CONCURRENCY }, async ({ message, tx, attempt }) => {
      await tx.query('select pg_sleep($1)', [HANDLER_MS / 1_000]);
      handled.push(`${message.data} at attempt ${attempt}`);
    });
    pool.on('error', () => {}); // a connection at rest ends with its database
    const close = async () => {
      await semel.close();
      await pool.end();
    };
    return { semel, handled, close };
  }

  test.each([1, NEEDED - 1])('a pool of %i is refused before anything joins, with the figure that would do', async (max) => {
    const { semel, close } = service(max);
    await expect(semel.start()).rejects.toMatchObject({
      code: 'pool-too-small',
      message: expect.stringContaining(`\`max\` to ${NEEDED}`),
      details: { found: max, needed: NEEDED },
    });
    expect(await semel.status()).toEqual([]);
    await close();
  });

  test('a pool of that figure carries the load while every handler holds a connection', async () => {
    const { semel, handled, close } = service(NEEDED);
    const troubles: string[] = [];
    semel.observe(({ type }) => void (['lost', 'trouble', 'failed'].includes(type) && troubles.push(type)));
    const running = await semel.start();
    await semel.transaction(async ({ publish }) => {
      for (let number = 0; number < MESSAGES; number++) await publish(orders, number);
    });
    await running.idle();
    expect([...handled].sort()).toEqual(Array.from({ length: MESSAGES }, (_, number) => `${number} at attempt 1`).sort());
    expect(troubles).toEqual([]);
    await running.stop();
    await close();
  });
});
