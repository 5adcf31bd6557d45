import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { committed } from './committed.ts';
import { kafkaUrl, quietKafka, uniqueName } from './kafka.ts';
import { Pipe, pipeTopics, someOrders, sumsOf, totalsIn } from './pipe.ts';
import type { WorkerPlan } from './transaction-worker.ts';

const WORKER = join(import.meta.dirname, 'transaction-worker.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source'];
const BOUNDARIES = ['claimed#2', 'handled#3', 'staged#2', 'committing#3', 'committed#2', 'settling#2'];
const KILLER = 'order-30';
const LIVES = 20;
const client = quietKafka();

/** Whether it did all there was to do; it is gone then. */
async function lives(plan: WorkerPlan, ...at: readonly string[]): Promise<boolean> {
  const child = fork(WORKER, [JSON.stringify(plan), ...at], { execArgv: FLAGS });
  const ended = once(child, 'exit');
  const done = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)]);
  child.kill('SIGKILL');
  await ended;
  return done;
}

describeWith('kafka', 'processes are killed in transactions of Kafka', () => {
  test('traps 24 and 33: at each boundary, and by a message: each other message is added up once, and that one is a dead letter', { timeout: 240_000 }, async () => {
    const topics = await pipeTopics(client, 2);
    const plan = { address: kafkaUrl ?? '', topics, transactionalId: uniqueName('worker'), killer: KILLER };
    const placing = new Pipe(client, topics);
    await placing.place(someOrders(60));
    await placing.semel.close();
    for (const boundary of BOUNDARIES) expect(await lives(plan, boundary)).toBe(false);
    let count = 1;
    while (!(await lives(plan))) expect(++count).toBeLessThan(LIVES);
    expect(await totalsIn(client, topics)).toEqual(sumsOf(someOrders(60).filter(({ id }) => id !== KILLER)));
    const letters = await committed(client, topics.dead);
    expect(letters.map(({ value, headers }) => [JSON.parse(String(value)).id, String(headers['semelreason'])])).toEqual([[KILLER, 'crashed']]);
  });
});
