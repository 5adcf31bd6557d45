import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { finishAll, killAtBoundaries } from '../broker-crash/kill-at-boundaries.ts';
import { killAtRandom } from '../broker-crash/kill-at-random.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { Corner } from './rabbitmq.ts';

const module = join(import.meta.dirname, 'rabbitmq-streams-broker.ts');
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = { timeout: 240_000 };

/** Registers the tests of one series. */
export function streamsCrashTests(service: 'rabbitmq' | 'rabbitmq-3'): void {
  describeWith(service, `processes are killed between a stream of ${service} and a database`, () => {
    /** @param query of the address: `?heartbeat=1` */
    const gather = ({ url, topic }: Corner, store: string, orders: number, query = '') => BrokerCrew.gather({ module, address: `${url}${query}#${topic}`, topic, store, orders });

    test('traps 24, 28 and 33: at each boundary of a consumer: one effect each, in order, and the message that kills is dead-lettered', PATIENT, async () => {
      await using corner = await Corner.open(serviceUrl(service) as string);
      await using crew = await gather(corner, 'sqlite', 200);
      await killAtBoundaries(crew);
    });

    test('trap 29: another goes on while a reader stands still; when that wakes up it commits nothing', PATIENT, async () => {
      await using corner = await Corner.open(serviceUrl(service) as string);
      await using crew = await gather(corner, 'sqlite', 400, '?heartbeat=1');
      const unbooked = async () => (await crew.faults()).filter((fault) => fault.startsWith('booked'));
      await crew.finish('shop');
      const zombie = crew.spawn('billing');
      await crew.says(zombie, 'started');
      zombie.kill('SIGSTOP');
      expect(await unbooked()).not.toEqual([]);
      const successor = crew.spawn('billing');
      await expect.poll(unbooked, { timeout: 60_000, interval: 200 }).toEqual([]);
      zombie.kill('SIGCONT');
      for (const child of [successor, zombie, successor]) expect(await crew.says(child, 'idle')).toBe(true);
      for (const child of [successor, zombie]) await crew.kill(child);
      await crew.finish('fragile');
      expect(await crew.faults()).toEqual([]);
    });

    test.skipIf(postgresUrl === undefined)(`at random, with the effects in Postgres: one effect each, in order (seed ${seed})`, PATIENT, async () => {
      await using db = await database();
      await using corner = await Corner.open(serviceUrl(service) as string);
      await using crew = await gather(corner, db.url, 300);
      await killAtRandom(crew, { kills: 6, seed, roles: ['shop', 'billing', 'billing'] });
      await finishAll(crew, ['shop', 'billing', 'fragile']);
    });
  });
}
