import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CONSUMER_BOUNDARIES } from 'semel';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { killAtRandom } from '../broker-crash/kill-at-random.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { queueAt, sqsAt } from './queues.ts';

const module = join(import.meta.dirname, 'sqs-broker.ts');
const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = { timeout: 240_000 };

async function gather(store: string, orders: number): Promise<BrokerCrew> {
  const base = `semel-test-${randomUUID()}`;
  for (const consumer of ['book', 'poisoned']) await queueAt(sqsAt('elasticmq'), true, {}, `${base}-${consumer}`);
  return BrokerCrew.gather({ module, address: `${serviceUrl('elasticmq')}#${base}#.fifo`, topic: 'orders', store, orders });
}

describeWith('elasticmq', 'processes are killed between SQS FIFO and a database', () => {
  test('traps 24, 26, 33 and 51: at each boundary of a consumer: one effect each, in order, and the message that kills is dead-lettered, alone', PATIENT, async () => {
    await using crew = await gather('sqlite', 150);
    await crew.finish('shop');
    for (const boundary of CONSUMER_BOUNDARIES) expect(await crew.ends(crew.spawn('billing', `${boundary}#2`)), boundary).toBe('SIGKILL');
    for (const role of ['billing', 'fragile'] as const) await crew.finish(role);
    expect(await crew.faults()).toEqual([]);
  });

  test.skipIf(postgresUrl === undefined)(`at random, with the effects in Postgres: one effect each, in order (seed ${seed})`, PATIENT, async () => {
    await using db = await database();
    await using crew = await gather(db.url, 200);
    await killAtRandom(crew, { kills: 6, seed, roles: ['shop', 'billing', 'billing'] });
    await crew.finish('shop');
    for (const role of ['billing', 'fragile'] as const) await crew.finish(role);
    expect(await crew.faults()).toEqual([]);
  });
});
