import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { OwnFauxqs } from '../services/own-fauxqs.ts';
import { queueAt, sqsAt } from '../sqs/queues.ts';
import { snsAt, topicAt } from './topics.ts';

const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** @param kills how often SNS and SQS are killed and started again while a shop publishes to a FIFO topic and two others consume from a queue of it */
export function brokerKilledTest(kills: number, orders: number): void {
  test(`SNS and SQS are killed ${kills} times under load: every message has one effect, keys are in order (seed ${seed})`, { timeout: 25 * 60_000 }, async () => {
    await using server = await OwnFauxqs.start();
    const [client, queues] = [snsAt('fauxqs', server.url), sqsAt('fauxqs', server.url)];
    const topic = await topicAt(client, true);
    for (const consumer of ['book', 'poisoned']) {
      const { arn } = await queueAt(queues, true, {}, `${topic.name}-${consumer}`);
      await client.subscribe({ TopicArn: topic.arn, Protocol: 'sqs', Endpoint: arn, Attributes: { RawMessageDelivery: 'true' } });
    }
    const plan = { module: join(import.meta.dirname, 'sns-broker.ts'), address: `${server.url}#${topic.arn}#${topic.name}`, topic: 'orders', store: 'sqlite', orders };
    await using crew = await BrokerCrew.gather(plan);
    const random = seededRandom(seed);
    const shop = crew.spawn('shop');
    const others = [crew.spawn('billing'), crew.spawn('billing')];
    await Promise.all([shop, ...others].map((child) => crew.says(child, 'started')));
    for (let killed = 0; killed < kills; killed++) {
      await setTimeout(random() * 1_000);
      await server.crash();
      await setTimeout(random() * 500);
      await server.restart();
    }
    for (const child of [shop, ...others]) {
      expect(await crew.says(child, 'idle')).toBe(true); // the same processes: they have to go on by themselves
      await crew.kill(child);
    }
    await crew.finish('fragile');
    expect(await crew.faults()).toEqual([]);
  });
}
