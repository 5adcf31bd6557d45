import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services/describe-with.ts';
import { database, type TestDatabase } from '../../../test/services/postgres.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { topic } from '../../core/topic.ts';
import { createSemel } from '../../semel.ts';
import { postgres } from './index.ts';

interface Receipt {
  readonly id: string;
  readonly text: string;
}

const schema: StandardSchema<Receipt> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Receipt }) } };
const receipts = topic('receipts', { schema, id: ({ id }) => id });

describeWith('postgres', 'what a group publishes', () => {
  let db: TestDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    db = await database();
    pool = new pg.Pool({ connectionString: db.url });
    pool.on('error', () => {});
  });

  afterAll(async () => {
    await pool.end();
    await db.drop();
  });

  /** Handles one message for each receipt, in one group that publishes it; how it ended, and how often the handlers ran. */
  async function publish(...given: readonly Receipt[]): Promise<{ readonly outcomes: readonly string[]; readonly runs: number }> {
    const semel = createSemel({ name: 'shop', store: postgres(pool, { migrate: true }) });
    let runs = 0;
    const consumer = semel.consume(
      topic('orders', { schema, id: ({ id }) => id }),
      { name: `issue-${randomUUID()}`, order: 'none', publishes: [receipts] },
      async ({ message, publish }) => {
        runs += 1;
        await publish(receipts, message.data);
      },
    );
    const process = await semel.processor(consumer);
    const message = (data: Receipt) => ({ source: 'shop/orders', id: randomUUID(), topic: 'orders', type: 'orders', time: new Date(0).toISOString(), headers: {}, data });
    const outcomes = await process(given.map((data) => ({ topic: 'orders', content: { message: message(data) }, receipt: { kind: 'external' }, attempt: 1 })));
    await semel.close();
    return { outcomes: outcomes.map(({ kind }) => kind), runs };
  }

  async function texts(id: string): Promise<readonly string[]> {
    const { rows } = await pool.query<{ data: string }>('select data from semel.messages where topic = $1 and id = $2', ['receipts', id]);
    return rows.map(({ data }) => (JSON.parse(data) as Receipt).text);
  }

  test('is stored in one go, and the same once more is nothing, in one group or the next', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    expect(await publish({ id: a, text: 'a' }, { id: b, text: 'b' }, { id: a, text: 'a' })).toEqual({ outcomes: ['done', 'done', 'done'], runs: 3 });
    expect(await publish({ id: b, text: 'b' }, { id: randomUUID(), text: 'c' })).toEqual({ outcomes: ['done', 'done'], runs: 2 });
    expect([await texts(a), await texts(b)]).toEqual([['a'], ['b']]);
  });

  test('is refused for the one that has another payload, and its neighbours are kept', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    await publish({ id: a, text: 'a' });
    const { outcomes } = await publish({ id: b, text: 'b' }, { id: a, text: 'other' });
    expect([outcomes[0], outcomes[1]]).toEqual(['done', expect.not.stringMatching('done')]);
    expect([await texts(a), await texts(b)]).toEqual([['a'], ['b']]);
  });

  test('with quotes, backslashes, line breaks and separators in its data arrives as it was', async () => {
    const text = '"\\ \n \x1f , {} NULL \u{1f600}';
    const id = randomUUID();
    expect((await publish({ id, text }, { id: randomUUID(), text: 'NULL' })).outcomes).toEqual(['done', 'done']);
    expect(await texts(id)).toEqual([text]);
  });
});
