import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from 'semel/testing';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { OwnKafka } from '../services/own-kafka.ts';
import { aTopic, quietKafka } from './kafka.ts';

const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** @param kills how often the broker is killed and started again while a shop publishes to it and two others consume */
export function brokerKilledTest(kills: number, orders: number): void {
  test(`the broker is killed ${kills} times under load: every message has one effect, keys are in order (seed ${seed})`, { timeout: 25 * 60_000 }, async () => {
    await using server = await OwnKafka.start();
    const plan = { module: join(import.meta.dirname, 'kafkajs-broker.ts'), address: server.url, topic: await aTopic(quietKafka(server.url)), store: 'sqlite', orders };
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
    for (const child of [shop, ...others, ...others]) expect(await crew.says(child, 'idle')).toBe(true); // the same processes: they have to go on by themselves
    for (const child of [shop, ...others]) await crew.kill(child);
    await crew.finish('fragile');
    expect(await crew.faults()).toEqual([]);
  });
}
