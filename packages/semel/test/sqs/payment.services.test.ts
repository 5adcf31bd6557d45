import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { queueAt, sqsAt, type TestQueue } from './queues.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];
const WORKER = join(import.meta.dirname, 'payment-worker.ts');
const MAX_RECEIVES = 10;

describeWith('elasticmq', 'a payment consumer crashes between commit and delete, and visibility runs out', () => {
  const client = sqsAt('elasticmq');
  let folder: string;
  let file: string;
  let dead: TestQueue;
  let queue: TestQueue;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'semel-payments-'));
    file = join(folder, 'charges.db');
    const db = new DatabaseSync(file);
    db.exec('pragma journal_mode = wal; create table charges (payment_id text, cents integer)');
    db.close();
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all([queue.drop(), dead.drop()]);
  });

  /** A queue with a dead-letter queue, and one payment in it. */
  async function pay(fifo: boolean): Promise<void> {
    dead = await queueAt(client, fifo);
    queue = await queueAt(client, fifo, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: MAX_RECEIVES }) });
    const grouping = fifo ? { MessageGroupId: 'customer-1', MessageDeduplicationId: 'P1' } : {};
    await client.sendMessage({ QueueUrl: queue.url, MessageBody: JSON.stringify({ paymentId: 'P1', cents: 100 }), ...grouping });
  }

  /** The signal that ended the process. */
  function work(mode: 'naive' | 'semel', ...dies: readonly 'dies'[]): Promise<string | null> {
    const options = [...FLAGS, WORKER, mode, serviceUrl('elasticmq') as string, queue.name, file, ...dies];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, options, (error) => resolve(child.signalCode ?? (error === null ? null : String(error))));
    });
  }

  function charges(): readonly unknown[] {
    const db = new DatabaseSync(file, { readOnly: true });
    const rows = db.prepare('select payment_id as id from charges').all();
    db.close();
    return rows.map(({ id }) => id);
  }

  test('SQS FIFO: the naive consumer charges twice', async () => {
    await pay(true);
    expect(await work('naive', 'dies')).toBe('SIGKILL');
    expect(await work('naive')).toBe(null);
    expect([charges(), await queue.count()]).toEqual([['P1', 'P1'], 0]);
  });

  test('SQS FIFO: Semel charges once', async () => {
    await pay(true);
    expect(await work('semel', 'dies')).toBe('SIGKILL');
    expect(await work('semel')).toBe(null);
    expect([charges(), await queue.count()]).toEqual([['P1'], 0]);
  });

  test('traps 25 and 32: and once, when the message went to the dead-letter queue meanwhile and was redriven', async () => {
    await pay(false); // ElasticMQ drops what is redriven into a FIFO queue, by its deduplication id
    expect(await work('semel', 'dies')).toBe('SIGKILL');
    while ((await dead.count()) === 0) {
      await client.receiveMessage({ QueueUrl: queue.url, VisibilityTimeout: 0 });
      await setTimeout(20);
    }
    await client.startMessageMoveTask({ SourceArn: dead.arn });
    await expect.poll(() => queue.count(), { timeout: 10_000 }).toBe(1);
    expect(await work('semel')).toBe(null);
    expect([charges(), await queue.count()]).toEqual([['P1'], 0]);
  });
});
