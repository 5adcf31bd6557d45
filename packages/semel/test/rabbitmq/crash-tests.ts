import { join } from 'node:path';
import { test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { finishAll, killAtBoundaries } from '../broker-crash/kill-at-boundaries.ts';
import { killAtRandom } from '../broker-crash/kill-at-random.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { Corner } from './rabbitmq.ts';

const module = join(import.meta.dirname, 'rabbitmq-broker.ts');
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = { timeout: 240_000 };
const CONSUMERS = ['book', 'poisoned'];

/** Registers the tests of one series. */
export function crashTests(service: 'rabbitmq' | 'rabbitmq-3'): void {
  describeWith(service, `processes are killed between ${service} and a database`, () => {
    /** The queues are there before the first order: what no queue takes would wait in the outbox. */
    async function gather(corner: Corner, store: string, orders: number): Promise<BrokerCrew> {
      await corner.makeQueues(CONSUMERS, { 'x-single-active-consumer': true });
      return BrokerCrew.gather({ module, address: `${corner.url}#${corner.topic}`, topic: corner.topic, store, orders });
    }

    test('traps 24, 33, 51: at each boundary of a consumer: one effect each, in order, and the message that kills is dead-lettered, alone', PATIENT, async () => {
      await using corner = await Corner.open(serviceUrl(service) as string, CONSUMERS);
      await using crew = await gather(corner, 'sqlite', 200);
      await killAtBoundaries(crew);
    });

    test.skipIf(postgresUrl === undefined)(`at random, with the effects in Postgres: one effect each, in order (seed ${seed})`, PATIENT, async () => {
      await using db = await database();
      await using corner = await Corner.open(serviceUrl(service) as string, CONSUMERS);
      await using crew = await gather(corner, db.url, 300);
      await killAtRandom(crew, { kills: 6, seed, roles: ['shop', 'billing', 'billing'] });
      await finishAll(crew, ['shop', 'billing', 'fragile']);
    });
  });
}
