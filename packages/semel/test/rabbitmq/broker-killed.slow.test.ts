import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RabbitmqSeries } from '../../../../scripts/services/rabbitmq.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { describeWith } from '../services/describe-with.ts';
import { OwnRabbitmq } from '../services/own-rabbitmq.ts';
import { Orders } from './orders.ts';
import { Corner } from './rabbitmq.ts';

const KILLS = Number(process.env['RABBITMQ_KILLS'] ?? 100);
const SEED = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const SERIES: Readonly<Record<'rabbitmq' | 'rabbitmq-3', RabbitmqSeries>> = { rabbitmq: '4.0', 'rabbitmq-3': '3.10' };

for (const service of ['rabbitmq', 'rabbitmq-3'] as const) {
  describeWith(service, `${service} is killed`, () => {
    test(`${KILLS} times at random while orders flow: each is booked once, those of a customer in order (seed ${SEED})`, async () => {
      const random = seededRandom(SEED);
      await using broker = await OwnRabbitmq.start({}, SERIES[service]);
      await using corner = await Corner.open(broker.url);
      const both = () => corner.transport({ singleActive: true });
      await using orders = new Orders(corner.topic, { shop: both(), billing: both() });
      await orders.start();
      await setTimeout(2_000); // a node that is killed within a second forgets the queue (rabbitmq/rabbitmq-server#15725)
      for (let kill = 0; kill < KILLS; kill++) {
        await orders.place(10);
        await setTimeout(random() * 1_000);
        await broker.crash();
        await orders.place(5);
        await broker.restart();
      }
      await expect.poll(() => orders.faults(), { timeout: 120_000, interval: 200 }).toEqual([]);
      expect(await orders.deadLetters()).toBe(0);
      await corner.reconnect();
    });
  });
}
