import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'vitest';
import type { RabbitmqSeries } from '../../../../scripts/services/rabbitmq.ts';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { killBroker } from '../broker-crash/kill-broker.ts';
import { OwnRabbitmq } from '../services/own-rabbitmq.ts';
import { Corner } from './rabbitmq.ts';

const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A node that is killed within a second of a queue's declaration forgets the queue (rabbitmq/rabbitmq-server#15725). */
const DECLARED_MS = 2_000;

/** What lies between, and the module of the processes that use it. */
const WAYS = { queues: 'rabbitmq-broker.ts', streams: 'rabbitmq-streams-broker.ts' } as const;

/** @param kills how often the broker is killed and started again while a shop publishes to it and two others consume */
export function brokerKilledTest(way: keyof typeof WAYS, series: RabbitmqSeries, kills: number, orders: number): void {
  test(`${way}: the broker is killed ${kills} times under load: every message has one effect, keys are in order (seed ${seed})`, { timeout: 40 * 60_000 }, async () => {
    await using server = await OwnRabbitmq.start({}, series);
    await using corner = await Corner.open(server.url);
    if (way === 'queues') await corner.makeQueues(['book', 'poisoned'], { 'x-single-active-consumer': true });
    else await corner.makeStream();
    await setTimeout(DECLARED_MS);
    const plan = { module: join(import.meta.dirname, WAYS[way]), address: `${corner.url}#${corner.topic}`, topic: corner.topic, store: 'sqlite', orders };
    await using crew = await BrokerCrew.gather(plan);
    await killBroker(crew, server, { kills, seed });
    await corner.reconnect();
  });
}
