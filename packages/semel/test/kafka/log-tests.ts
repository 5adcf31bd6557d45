import { setTimeout } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import type { kafka } from 'semel/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { administered } from '../../../../scripts/services/kafka-admin.ts';
import { PlayedPositions } from '../../src/testing/transport-suite/played-positions.ts';
import { evict } from './evict.ts';
import { aTopic, quietKafka, uniqueName } from './kafka.ts';
import { Member } from './member.ts';

const client = quietKafka();

async function aProducer(transactionalId?: string): Promise<Producer> {
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1, ...(transactionalId === undefined ? {} : { transactionalId }) });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

async function write(topic: string, values: readonly string[], partition = 0): Promise<void> {
  const producer = await aProducer();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
}

const numbered = (what: string, count: number) => Array.from({ length: count }, (_, index) => `${what}${index}`);

/** What a log does to who reads it. @param reading the client to read with, made anew for each member */
export function logTests(reading: () => Parameters<typeof kafka>[0], heartbeatMs: number): void {
  test('trap 29: records of aborted transactions never come, also of two that were open at once; those of an open one come when it commits', async () => {
    const topic = await aTopic(client, 1);
    const [a, b] = await Promise.all([aProducer(uniqueName('a')), aProducer(uniqueName('b'))]);
    const one = await a.transaction();
    await one.send({ topic, messages: [{ value: 'aborted' }] });
    const other = await b.transaction();
    await other.send({ topic, messages: [{ value: 'aborted' }] });
    await one.send({ topic, messages: [{ value: 'aborted' }] });
    await other.abort();
    await one.abort();
    const committed = await a.transaction();
    await committed.send({ topic, messages: [{ value: 'first' }] });
    await committed.commit();
    const open = await b.transaction();
    await open.send({ topic, messages: [{ value: 'second' }] });
    await write(topic, ['third']);
    await using member = await Member.join(reading(), topic);
    expect(await member.takes(2, 1_000)).toEqual(['first']);
    expect(await member.feed.pending?.()).toBe(0);
    await open.commit();
    expect(await member.takes(2)).toEqual(['second', 'third']);
    expect(await member.feed.pending?.()).toBe(0);
  });

  test('a topic that is made anew under its old name is read from its beginning, by who was there and by who comes back', async () => {
    const topic = await aTopic(client, 1);
    const positions = new PlayedPositions();
    const again = async (values: readonly string[]) => {
      await administered(client, (admin) => admin.deleteTopics({ topics: [topic] }));
      await setTimeout(100);
      await aTopic(client, 1, topic);
      await write(topic, values);
    };
    await write(topic, numbered('old', 3));
    {
      await using member = await Member.join(reading(), topic, { positions });
      expect(await member.takes(3)).toEqual(numbered('old', 3));
      await again(numbered('new', 5));
      const taken: string[] = [];
      await expect.poll(async () => taken.push(...(await member.takes(5, 500).catch(() => []))) && taken, { timeout: 8_000 }).toEqual(numbered('new', 5));
    }
    await again(numbered('newest', 9));
    await using member = await Member.join(reading(), topic, { positions });
    expect(await member.takes(9)).toEqual(numbered('newest', 9));
  });

  test('records that were removed unread are never passed over in silence: their partition stops, the others go on, or all go on as chosen', async () => {
    const topic = await aTopic(client, 2);
    await Promise.all([write(topic, numbered('a', 10)), write(topic, numbered('b', 10), 1)]);
    const positions = new PlayedPositions();
    {
      await using member = await Member.join(reading(), topic, { positions });
      await member.takes(20);
    }
    await Promise.all([write(topic, numbered('x', 10)), write(topic, numbered('y', 10), 1)]);
    await administered(client, async (admin) => {
      await admin.fetchTopicOffsets(topic); // without it kafkajs does not know who leads
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] });
    });
    {
      await using member = await Member.join(reading(), topic, { positions });
      const texts: string[] = [];
      const errors: unknown[] = [];
      for (let round = 0; round < 12 && (texts.length < 10 || errors.length === 0); round++) {
        await member.takes(Math.max(1, 10 - texts.length), 500).then(
          (more) => texts.push(...more),
          (error: Error) => errors.push(error),
        );
      }
      expect([texts, errors]).toEqual([numbered('y', 10), [expect.objectContaining({ code: 'position-gone' })]]);
    }
    await using member = await Member.join(reading(), topic, { positions, options: { onGap: 'continue' } });
    const rest: string[] = [];
    const told: unknown[] = [];
    for (let round = 0; round < 12 && rest.length < 5; round++) {
      await member.takes(5, 500).then(
        (more) => rest.push(...more),
        (error) => told.push(error),
      );
    }
    expect([rest, told]).toEqual([['x5', 'x6', 'x7', 'x8', 'x9'], [expect.objectContaining({ code: 'position-gone' })]]);
  });

  test('from now on: what came since the first start is read, also after one that read nothing, and new partitions from their beginning', async () => {
    const topic = await aTopic(client, 1);
    await write(topic, ['before']);
    const join = () => Member.join(reading(), topic, { given: { from: 'now' } });
    {
      await using _ = await join(); // it reads nothing, and its store knows no position
    }
    await write(topic, ['between']);
    await administered(client, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }));
    await expect.poll(() => write(topic, ['there'], 1).then(() => 'written', String), { timeout: 5_000 }).toBe('written');
    await using member = await join();
    expect(new Set(await member.takes(2))).toEqual(new Set(['between', 'there']));
    expect(await member.takes(1, 300)).toEqual([]);
  });

  test('since a time: from the first record of that time on', async () => {
    const topic = await aTopic(client, 1);
    await write(topic, ['early']);
    await setTimeout(50);
    const sinceMs = Date.now();
    await setTimeout(50);
    await write(topic, ['late']);
    await using member = await Member.join(reading(), topic, { given: { from: { sinceMs } } });
    expect(await member.takes(2, 500)).toEqual(['late']);
  });

  test('partitions that are added later are read by who is there', async () => {
    const topic = await aTopic(client, 1);
    await using member = await Member.join(reading(), topic);
    await administered(client, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
    await expect.poll(() => write(topic, ['added'], 2).then(() => 'written', String), { timeout: 5_000 }).toBe('written');
    expect(await member.takes(1)).toEqual(['added']);
  });

  test('trap 29: the group’s own offsets follow what was settled; a zombie can neither set them back nor advance a position', async () => {
    const topic = await aTopic(client, 1);
    await write(topic, numbered('m', 20));
    const committed = () => administered(client, async (admin) => (await admin.fetchOffsets({ groupId: `test/${topic}`, topics: [topic] }))[0]?.partitions[0]?.offset);
    const positions = new PlayedPositions();
    await using zombie = await Member.join(reading(), topic, { positions, options: { sessionTimeoutMs: 30_000, heartbeatMs } });
    await zombie.takes(2);
    const late = await zombie.feed.receive({ max: 3, signal: AbortSignal.timeout(1_000) });
    await evict(client, `test/${topic}`, topic);
    await using successor = await Member.join(reading(), topic, { positions });
    expect(await successor.takes(10)).toEqual(numbered('m', 12).slice(2));
    await expect.poll(committed, { timeout: 3_000 }).toBe('12');
    expect(late.map(({ receipt }) => positions.advance('test', receipt))).toEqual([false, false, false]);
    await zombie.feed.settle(late.map((delivery) => ({ delivery, outcome: { kind: 'done' } }))); // as a client would that does not ask its store
    await setTimeout(1_200);
    expect(await committed()).toBe('12');
    const rest = [...(await successor.takes(8, 2_000))];
    if (rest.length < 8) rest.push(...(await zombie.takes(8 - rest.length))); // which by now may have joined again
    expect(rest).toEqual(numbered('m', 20).slice(12));
  });

  test('what a member that has just left did not read still comes, before anybody else has heard of it', async () => {
    const topic = await aTopic(client, 2);
    const positions = new PlayedPositions();
    const options = { heartbeatMs: 1_000 };
    await using stays = await Member.join(reading(), topic, { positions, options });
    const leaves = await Member.join(reading(), topic, { positions, options });
    await write(topic, ['zero'], 0);
    await write(topic, ['one'], 1);
    const own = await stays.takes(1);
    await leaves.feed.close();
    expect(await stays.feed.pending?.()).toBeGreaterThan(0);
    expect([...own, ...(await stays.takes(1))].sort()).toEqual(['one', 'zero']);
    expect(await stays.feed.pending?.()).toBe(0);
  });

  test('a topic that is not there is named', async () => {
    await expect(Member.join(reading(), 'no-such-topic')).rejects.toMatchObject({ code: 'transport-unavailable', message: expect.stringContaining('no-such-topic') });
  });
}
