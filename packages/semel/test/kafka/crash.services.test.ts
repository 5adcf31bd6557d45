import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { finishAll, killAtBoundaries } from '../broker-crash/kill-at-boundaries.ts';
import { killAtRandom } from '../broker-crash/kill-at-random.ts';
import { describeWith } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { aTopic, kafkaUrl, quietKafka } from './kafka.ts';

const module = join(import.meta.dirname, 'kafkajs-broker.ts');
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = { timeout: 240_000 };

async function gather(store: string, orders: number): Promise<BrokerCrew> {
  return BrokerCrew.gather({ module, address: kafkaUrl ?? '', topic: await aTopic(quietKafka()), store, orders });
}

describeWith('kafka', 'processes are killed between Kafka and a database', () => {
  test('traps 24, 28 and 33: at each boundary of a consumer: one effect each, in order, and the message that kills is dead-lettered', PATIENT, async () => {
    await using crew = await gather('sqlite', 200);
    await killAtBoundaries(crew);
  });

  test('trap 29: one that was stopped while the group went on without it commits nothing when it wakes up, and takes no other down', PATIENT, async () => {
    await using crew = await gather('sqlite', 200);
    await crew.finish('shop');
    const zombie = crew.spawn('billing');
    await crew.says(zombie, 'started');
    zombie.kill('SIGSTOP');
    const successor = crew.spawn('billing');
    expect(await crew.says(successor, 'started')).toBe(true);
    zombie.kill('SIGCONT');
    for (const child of [successor, zombie, successor]) expect(await crew.says(child, 'idle')).toBe(true); // partitions go to and fro
    for (const child of [successor, zombie]) await crew.kill(child);
    await crew.finish('fragile');
    expect(await crew.faults()).toEqual([]);
  });

  test.skipIf(postgresUrl === undefined)(`trap 29: at random, while the group rebalances all the time, with the effects in Postgres (seed ${seed})`, PATIENT, async () => {
    await using db = await database();
    await using crew = await gather(db.url, 300);
    await killAtRandom(crew, { kills: 5, seed, roles: ['shop', 'billing', 'billing'] });
    await finishAll(crew, ['shop', 'billing', 'fragile']);
  });
});
