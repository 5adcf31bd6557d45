import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Corner } from '../rabbitmq/rabbitmq.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { Charges, payments } from './charges.ts';

const WORKER = join(import.meta.dirname, 'rolling-worker.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];
const WORKERS = 2;
const DEPLOYMENTS = 3;
const PAYMENTS = payments(240);

/** Puts payments into the queue, and replaces one worker after another while they are charged, as a rolling deployment does: the new one starts, the old one gets SIGTERM. */
async function deployWhileCharging(kind: 'naive' | 'semel', corner: Corner, charges: Charges): Promise<void> {
  await corner.makeQueues(['charge']);
  for (const id of PAYMENTS) await corner.inject(new TextEncoder().encode(JSON.stringify({ id })));
  const start = async () => {
    const worker = fork(WORKER, [kind, corner.url, corner.topic, charges.path], { execArgv: FLAGS });
    await once(worker, 'message'); // it is ready
    return worker;
  };
  const workers = await Promise.all(Array.from({ length: WORKERS }, start));
  for (let deployment = 0; deployment < DEPLOYMENTS; deployment++) {
    for (let replaced = 0; replaced < WORKERS; replaced++) {
      workers.push(await start());
      await setTimeout(50);
      await replace(workers.shift() as ChildProcess);
    }
  }
  await expect.poll(() => charges.count, { timeout: 30_000, interval: 50 }).toBe(PAYMENTS.length);
  for (const worker of workers) await replace(worker);
}

async function replace(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}

describeWith('rabbitmq', 'a rolling deployment under load', () => {
  test('by hand: who is told to end between a charge and its acknowledgement has it charged again', { timeout: 90_000 }, async () => {
    using charges = new Charges();
    await using corner = await Corner.open(serviceUrl('rabbitmq') as string, ['charge']);
    await deployWhileCharging('naive', corner, charges);
    expect(charges.compare(PAYMENTS).twice).toBeGreaterThan(0);
  });

  test('with Semel: each payment is charged once', { timeout: 90_000 }, async () => {
    using charges = new Charges();
    await using corner = await Corner.open(serviceUrl('rabbitmq') as string, ['charge']);
    await deployWhileCharging('semel', corner, charges);
    expect(charges.compare(PAYMENTS)).toEqual({ lost: 0, twice: 0 });
  });
});
