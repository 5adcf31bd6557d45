import { test } from 'vitest';
import { finishAll } from '../broker-crash/kill-at-boundaries.ts';
import { killAtRandom } from '../broker-crash/kill-at-random.ts';
import { describeWith } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { overFifoQueues } from './fifo-crew.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describeWith('elasticmq', 'processes are killed between SQS FIFO and a database', () => {
  test.skipIf(postgresUrl === undefined)(`at random, with the effects in Postgres: one effect each, in order (seed ${seed})`, { timeout: 240_000 }, async () => {
    await using db = await database();
    await overFifoQueues('elasticmq', { store: db.url, orders: 200 }, async (crew) => {
      await killAtRandom(crew, { kills: 6, seed, roles: ['shop', 'billing', 'billing'] });
      await finishAll(crew, ['shop', 'billing', 'fragile']);
    });
  });
});
