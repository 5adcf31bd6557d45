import { join } from 'node:path';
import { test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { killBroker } from '../broker-crash/kill-broker.ts';
import { OwnKafka } from '../services/own-kafka.ts';
import { aTopic, quietKafka } from './kafka.ts';

const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** @param kills how often the broker is killed and started again while a shop publishes to it and two others consume */
export function brokerKilledTest(kills: number, orders: number): void {
  test(`the broker is killed ${kills} times under load: every message has one effect, keys are in order (seed ${seed})`, { timeout: 25 * 60_000 }, async () => {
    await using server = await OwnKafka.start();
    const plan = { module: join(import.meta.dirname, 'kafkajs-broker.ts'), address: server.url, topic: await aTopic(quietKafka(server.url)), store: 'sqlite', orders };
    await using crew = await BrokerCrew.gather(plan);
    await killBroker(crew, server, { kills, seed });
  });
}
