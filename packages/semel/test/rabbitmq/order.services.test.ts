import { setTimeout } from 'node:timers/promises';
import { Pool } from 'pg';
import { createSemel, type StandardSchema, topic } from 'semel';
import { postgres } from 'semel/postgres';
import { expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { Corner } from './rabbitmq.ts';

const MESSAGES = 120;
const KEYS = 3;

interface Order {
  readonly number: number;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };

describeWith('rabbitmq', 'the order of a key', () => {
  test.skipIf(postgresUrl === undefined)('one active consumer with several transactions at once, in Postgres, and a handler that fails now and then', async () => {
    await using db = await database();
    await using corner = await Corner.open(serviceUrl('rabbitmq') as string);
    await corner.makeQueues(['pay'], { 'x-single-active-consumer': true });
    const pool = new Pool({ connectionString: db.url, max: 20 });
    const orders = topic(corner.topic, { schema: anOrder, id: ({ number }) => String(number), key: ({ number }) => `customer-${number % KEYS}` });
    const semel = createSemel({ name: 'shop', store: postgres(pool, { migrate: true }), routes: { [corner.topic]: corner.transport({ singleActive: true }) } });
    await pool.query('create table handled (position bigint generated always as identity primary key, number int not null)');
    semel.consume(orders, { name: 'pay', order: 'key', concurrency: 4, group: { max: 3 }, retry: { baseMs: 10, capMs: 50 } }, async ({ message, attempt, tx }) => {
      await setTimeout(Math.random() * 5);
      if (message.data.number % 20 === 7 && attempt === 1) throw new Error('no luck');
      await tx.query('insert into handled (number) values ($1)', [message.data.number]);
    });
    for (let number = 0; number < MESSAGES; number++) await semel.publish(orders, { number });
    const running = await semel.start();
    const handled = async (): Promise<readonly number[]> => (await pool.query<Order>('select number from handled order by position')).rows.map(({ number }) => number);
    await expect.poll(async () => (await handled()).length, { timeout: 30_000 }).toBe(MESSAGES);
    for (let key = 0; key < KEYS; key++) {
      const ofKey = (await handled()).filter((number) => number % KEYS === key);
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b));
    }
    await running.stop();
    await semel.close();
    await pool.end();
  });

  test('is refused to a consumer that asks for it where consumers compete', async () => {
    await using corner = await Corner.open(serviceUrl('rabbitmq') as string);
    await using db = await database();
    const pool = new Pool({ connectionString: db.url });
    const orders = topic(corner.topic, { schema: anOrder, id: ({ number }) => String(number), key: ({ number }) => `customer-${number % KEYS}` });
    const semel = createSemel({ name: 'shop', store: postgres(pool, { migrate: true }), routes: { [corner.topic]: corner.transport() } });
    semel.consume(orders, { name: 'pay', order: 'key' }, () => {});
    await expect(semel.start()).rejects.toMatchObject({ code: 'capability-missing' });
    await semel.close();
    await pool.end();
  });
});
