import { setTimeout } from 'node:timers/promises';
import type { Transaction } from 'kafkajs';
import { createSemel, type LifecycleEvent, type Running } from 'semel';
import { kafka } from 'semel/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { KafkajsTransactions } from '../../src/transports/kafka/kafkajs/kafkajs-transactions.ts';
import { describeWith } from '../services/describe-with.ts';
import { committed } from './committed.ts';
import { evict } from './evict.ts';
import { quietKafka, uniqueName } from './kafka.ts';
import { groupOf, type Order, Pipe, type PipeTopics, pipeTopics, someOrders, sumsOf, totalsIn } from './pipe.ts';

const client = quietKafka();
const PATIENT = { timeout: 20_000 };

async function start({ semel }: Pipe): Promise<Running> {
  const running = await semel.start();
  onTestFinished(() => running.stop());
  return running;
}

/** Collects what became of messages and of the store. */
function eventsOf({ semel }: Pipe, ...types: readonly LifecycleEvent['type'][]): readonly LifecycleEvent[] {
  const events: LifecycleEvent[] = [];
  semel.observe((event) => void (types.includes(event.type) && events.push(event)));
  return events;
}

describeWith('kafka', 'transactions of Kafka as a store', () => {
  test('from topic to topic: each message once, in order, on what was published before, also in the same transaction', async () => {
    const topics = await pipeTopics(client);
    const pipe = new Pipe(client, topics).sum();
    const orders = someOrders(200);
    await pipe.place(orders);
    await (await start(pipe)).idle();
    expect(await totalsIn(client, topics)).toEqual(sumsOf(orders));
    const again = new Pipe(client, topics).sum();
    const more = someOrders(50, 200);
    await again.place(more);
    await (await start(again)).idle();
    expect(await totalsIn(client, topics)).toEqual(sumsOf([...orders, ...more]));
  });

  test('a message that fails is tried again in place, with its tries counted; one that gives up is a dead letter under its identity, and its partition goes on', async () => {
    const topics = await pipeTopics(client);
    const tries: string[] = [];
    const pipe = new Pipe(client, topics).sum(({ id }, attempt) => {
      if (id !== 'order-10' && id !== 'order-20') return;
      tries.push(`${id} ${attempt}`);
      if (id === 'order-10' || attempt < 2) throw new Error('no luck');
    });
    const orders = someOrders(60);
    await pipe.place(orders);
    await (await start(pipe)).idle();
    expect(tries.toSorted()).toEqual(['order-10 1', 'order-10 2', 'order-10 3', 'order-20 1', 'order-20 2']);
    expect(await totalsIn(client, topics)).toEqual(sumsOf(orders.filter(({ id }) => id !== 'order-10')));
    const [letter, ...others] = await committed(client, topics.dead);
    expect(others).toEqual([]);
    expect(JSON.parse(String(letter?.value))).toMatchObject({ source: 'shop', id: 'order-10', data: orders[10] });
    expect(String(letter?.headers['semelconsumer'])).toBe('sum');
    expect(String(letter?.headers['semeltopic'])).toBe(topics.orders);
    expect(JSON.parse(String(letter?.headers['semelfailure']))).toEqual({ code: 'Error', message: 'no luck' });
  });

  test('what cannot be read is a dead letter as it came', async () => {
    const topics = await pipeTopics(client);
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic: topics.orders, messages: [{ key: 'customer-1', value: 'no event' }] });
    await producer.disconnect();
    const pipe = new Pipe(client, topics).sum();
    await pipe.place(someOrders(20));
    await (await start(pipe)).idle();
    expect((await committed(client, topics.dead)).map(({ value }) => String(value))).toEqual(['no event']);
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(20)));
  });

  test('trap 29: who was evicted while a handler ran commits nothing, and what it had in hand is handled once', async () => {
    const topics = await pipeTopics(client);
    const { promise: evicted, resolve } = Promise.withResolvers<void>();
    const { promise: running, resolve: begun } = Promise.withResolvers<void>();
    const unaware = { sessionTimeoutMs: 60_000, heartbeatMs: 30_000 };
    const pipe = new Pipe(client, topics, unaware).sum(async ({ id }) => {
      if (id !== 'order-30') return;
      begun();
      await evicted;
    });
    const lost = eventsOf(pipe, 'lost');
    await pipe.place(someOrders(60));
    await start(pipe);
    await running;
    const other = new Pipe(client, topics).sum();
    await evict(client, groupOf(topics), topics.orders);
    const successor = await start(other);
    await successor.idle();
    resolve();
    await expect.poll(() => lost.length, PATIENT).toBeGreaterThan(0);
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(60)));
  });

  test('trap 29: a transaction that a killed process left open is waited for until its time is over, and none of it is seen', async () => {
    const topics = await pipeTopics(client, 1);
    await leaveOpen(topics, uniqueName('killed'));
    const pipe = new Pipe(client, topics).sum();
    const troubles = eventsOf(pipe, 'trouble');
    const sinceMs = Date.now();
    await (await start(pipe)).idle();
    expect(Date.now() - sinceMs).toBeGreaterThan(1_500);
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(20)));
    expect(String(troubles[0]?.error)).toContain('a transaction is open');
  });

  test('a successor under the same transactional id ends at once what was left open, and fences who left it', async () => {
    const topics = await pipeTopics(client, 1);
    const transactionalId = uniqueName('same');
    const zombie = await leaveOpen(topics, transactionalId);
    const pipe = new Pipe(client, topics, { transactionalId }).sum();
    const sinceMs = Date.now();
    await (await start(pipe)).idle();
    expect(Date.now() - sinceMs).toBeLessThan(1_500);
    await expect(zombie.commit()).rejects.toThrow();
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(20)));
  });

  test('a fenced producer is made anew, and what it could not commit is done by the next', async () => {
    const topics = await pipeTopics(client);
    const transactionalId = uniqueName('twice');
    const pipe = new Pipe(client, topics, { transactionalId }).sum();
    const troubles = eventsOf(pipe, 'trouble');
    const running = await start(pipe);
    const other = new KafkajsTransactions(client, { transactionalId, timeoutMs: 3_000 });
    onTestFinished(() => other.close());
    await other.producer();
    const placing = new Pipe(client, topics);
    await placing.place(someOrders(40));
    await placing.semel.close();
    await expect.poll(async () => (await totalsIn(client, topics)).count, PATIENT).toBe(40);
    await running.idle();
    expect(troubles.map(({ error }) => (error as Error).message)).toContainEqual(
      expect.stringContaining(`another process has begun under the transactional id ${transactionalId}`),
    );
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(40)));
  });

  test('trap 29: partitions go to and fro while transactions are made: each message once, in order', async () => {
    const topics = await pipeTopics(client, 4);
    const all: Order[] = [];
    const slowly = () => setTimeout(2);
    const [first, second] = [new Pipe(client, topics).sum(slowly, { group: { max: 5 } }), new Pipe(client, topics).sum(slowly, { group: { max: 5 } })];
    const placing = new Pipe(client, topics);
    onTestFinished(() => placing.semel.close());
    const running = await start(first);
    for (let round = 0; round < 3; round++) {
      const orders = someOrders(60, all.length);
      all.push(...orders);
      await placing.place(orders);
      const guest = await second.semel.start();
      await setTimeout(150);
      await guest.stop();
    }
    await running.idle();
    expect(await totalsIn(client, topics)).toEqual(sumsOf(all));
  });

  test('what was closed is opened again by a later use', async () => {
    const topics = await pipeTopics(client);
    const pipe = new Pipe(client, topics).sum();
    for (const first of [0, 20]) {
      await pipe.place(someOrders(20, first));
      const running = await pipe.semel.start();
      await running.idle();
      await running.stop();
    }
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(40)));
  });

  test('what it cannot do is refused before anything runs, with what would do', async () => {
    const topics = await pipeTopics(client);
    const refused = async (pipe: Pipe) =>
      pipe.semel.start().then(
        (running) => running.stop().then(() => 'started'),
        (error: Error) => `${(error as { code?: string }).code}: ${error.message}`,
      );
    expect(await refused(new Pipe(client, topics).sum(undefined, { recordResult: true }))).toMatch(/^capability-missing: .*a record of handled messages, to keep results in/);
    expect(await refused(new Pipe(client, topics).sum(undefined, { onDeadLetter: 'hold-key' }))).toMatch(/^capability-missing: .*a store with a queue/);
    const unlike = { ...(await pipeTopics(client, 2)), orders: topics.orders };
    expect(await refused(new Pipe(client, unlike).sum())).toMatch(/^capability-missing: .*has 2, the other 3/);
    expect(await refused(new Pipe(client, { ...topics, dead: uniqueName('missing') }).sum())).toMatch(/^store-unavailable: .*missing/);
    const pipe = new Pipe(client, topics);
    const local = createSemel({ name: 'local', store: new Pipe(client, topics).store });
    local.consume(pipe.orders, { name: 'sum' }, () => {});
    await expect(local.start()).rejects.toMatchObject({ code: 'capability-missing' });
    await local.close();
    const foreign = createSemel({ name: 'foreign', store: new Pipe(client, topics).store, routes: { [topics.orders]: kafka(client) } });
    await expect(foreign.start()).rejects.toMatchObject({ code: 'capability-missing', message: expect.stringContaining('an outbox') });
    await foreign.close();
    await expect(pipe.semel.deadLetters.list()).rejects.toMatchObject({ code: 'capability-missing', message: expect.stringContaining(topics.dead) });
    await pipe.semel.close();
  });
});

/** A transaction as a killed process leaves it: totals are written and the position is sent, and nobody ends it. */
async function leaveOpen(topics: PipeTopics, transactionalId: string): Promise<Transaction> {
  const placing = new Pipe(client, topics);
  await placing.place(someOrders(20));
  await placing.semel.close();
  const producer = client.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout: 3_000 });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const transaction = await producer.transaction();
  const phantom = JSON.stringify({ specversion: '1.0', id: 'x', source: 'x', type: topics.totals, data: { customer: 'customer-1', cents: 1_000_000, orders: 1 } });
  await transaction.send({ topic: topics.totals, messages: [{ key: 'customer-1', value: phantom, headers: { 'content-type': 'application/cloudevents+json' } }] });
  await transaction.sendOffsets({ consumerGroupId: groupOf(topics), topics: [{ topic: topics.orders, partitions: [{ partition: 0, offset: '20' }] }] });
  return transaction;
}
