import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { createSemel, type StandardSchema, topic } from 'semel';
import { kafka } from 'semel/kafka';
import { sqlite } from 'semel/sqlite';
import { expect, test } from 'vitest';
import { committed } from '../kafka/committed.ts';
import { aTopic, quietKafka, uniqueName } from '../kafka/kafka.ts';
import { describeWith } from '../services/describe-with.ts';
import { Charges, payments } from './charges.ts';

const PAYMENTS = payments(20);
/** At this one another process has the database for longer than a write waits. */
const UNLUCKY = PAYMENTS[10] as string;
const TIMEOUT_MS = 50;
const LOCKED_MS = 400;
const schema: StandardSchema<{ readonly id: string }> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as { readonly id: string } }) } };
const client = quietKafka();

/** The topics of one test, with the payments in the first. */
async function placed(): Promise<{ readonly paid: string; readonly receipts: string }> {
  const topics = { paid: await aTopic(client, 1), receipts: await aTopic(client, 1) };
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic: topics.paid, messages: PAYMENTS.map((id) => ({ value: JSON.stringify({ id }) })) });
  await producer.disconnect();
  return topics;
}

/** Another process's long transaction. */
async function lock(path: string): Promise<void> {
  using other = new DatabaseSync(path);
  other.exec('begin immediate');
  await setTimeout(LOCKED_MS);
  other.exec('commit');
}

/** A service as it is written by hand: receipt and position in a transaction of Kafka, the charge in the database. It ends with its first error, as under a supervisor. */
async function chargeByHand(kafkajs: Kafka, { paid, receipts }: { readonly paid: string; readonly receipts: string }, group: string, path: string): Promise<'crashed' | 'done'> {
  using db = new DatabaseSync(path, { timeout: TIMEOUT_MS });
  const producer = kafkajs.producer({ transactionalId: group, idempotent: true, maxInFlightRequests: 1 });
  const consumer = kafkajs.consumer({ groupId: group, readUncommitted: false, retry: { retries: 0, restartOnFailure: async () => false } });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: paid, fromBeginning: true });
  const end = Promise.withResolvers<'crashed' | 'done'>();
  consumer.on('consumer.crash', () => end.resolve('crashed'));
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message: { value, offset } }) => {
      const { id } = JSON.parse(String(value));
      if (id === UNLUCKY) void lock(path);
      const transaction = await producer.transaction();
      await transaction.send({ topic: receipts, messages: [{ value: JSON.stringify({ id }) }] });
      await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic: paid, partitions: [{ partition, offset: String(BigInt(offset) + 1n) }] }] });
      await transaction.commit();
      db.prepare('insert into charges values (?)').run(id);
      if (id === PAYMENTS.at(-1)) end.resolve('done');
    },
  });
  const how = await end.promise;
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return how;
}

describeWith('kafka', 'Kafka’s transaction commits while the database write times out', () => {
  test('by hand: the receipt is out and the position moved on, and the charge was never made', { timeout: 60_000 }, async () => {
    using charges = new Charges();
    const topics = await placed();
    const group = uniqueName('by-hand');
    expect(await chargeByHand(client, topics, group, charges.path)).toBe('crashed');
    await setTimeout(LOCKED_MS);
    expect(await chargeByHand(client, topics, group, charges.path)).toBe('done');
    expect(charges.compare(PAYMENTS)).toEqual({ lost: 1, twice: 0 });
    expect(await committed(client, topics.receipts)).toHaveLength(PAYMENTS.length);
  });

  test('with Semel, the position in the database: each payment is charged once, and its receipt is out, under one id however often it was sent', { timeout: 60_000 }, async () => {
    using charges = new Charges();
    const { paid, receipts } = await placed();
    const route = kafka(client, { foreign: { source: 'shop', id: { field: 'id' } }, sessionTimeoutMs: 2_000, heartbeatMs: 100 });
    const service = createSemel({ name: 'payments', store: sqlite(charges.path, { lockTimeoutMs: TIMEOUT_MS }), routes: { [paid]: route, [receipts]: route } });
    const [payment, receipt] = [topic(paid, { schema, id: ({ id }) => id }), topic(receipts, { schema, id: ({ id }) => id })];
    let locking: Promise<void> | undefined;
    service.consume(payment, { name: 'charge', publishes: [receipt], group: { max: 5 } }, async ({ message: { data }, tx, publish }) => {
      await publish(receipt, data);
      tx.prepare('insert into charges values (?)').run(data.id);
    });
    const troubles: unknown[] = [];
    service.observe(({ type, error }) => {
      if (type === 'settled' && charges.count >= 5) locking ??= lock(charges.path);
      if (type === 'trouble') troubles.push((error as { readonly code?: string }).code);
    });
    const running = await service.start();
    await running.idle();
    await locking;
    await running.stop();
    expect(troubles).toContain('store-busy');
    expect(charges.compare(PAYMENTS)).toEqual({ lost: 0, twice: 0 });
    const sent = new Set((await committed(client, receipts)).map(({ value }) => (JSON.parse(String(value)) as { readonly id: string }).id));
    expect([...sent].toSorted()).toEqual(PAYMENTS.toSorted());
  });
});
