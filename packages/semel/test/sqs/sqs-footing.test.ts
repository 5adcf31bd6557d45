import { SQSClient } from '@aws-sdk/client-sqs';
import { type SqsClient, type SqsOptions, sqs } from 'semel/sqs';
import { describe, expect, test } from 'vitest';
import { benchOn } from './model-bench.ts';
import { ModelSqs } from './model-sqs.ts';

const DAY_MS = 86_400_000;
const redrive = (maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead.fifo', maxReceiveCount }),
});

describe('trap 12: what the queue can bring again must have a record', () => {
  test.each([
    ['a queue alone', 'orders', {}, 4 * DAY_MS],
    ['a standard queue: its dead letters keep their age, a redrive makes them new', 'orders', { ...redrive(100) }, 14 * DAY_MS + 4 * DAY_MS],
    ['a FIFO queue: its dead letters are new in their queue, and once more when they are redriven', 'orders.fifo', { ...redrive(100) }, 4 * DAY_MS + 14 * DAY_MS + 4 * DAY_MS],
  ] as const)('%s', async (_, name, attributes, windowMs) => {
    const { bench, model } = benchOn(name, {}, { ...attributes, MessageRetentionPeriod: '345600' });
    model.create('dead.fifo', { MessageRetentionPeriod: '1209600' });
    await bench.subscribe('pay', { recordsKeptMs: windowMs });
    await expect(bench.subscribe('pay', { recordsKeptMs: windowMs - 1 })).rejects.toMatchObject({ code: 'window-too-short', details: { neededMs: windowMs } });
  });

  test('a dead-letter queue that cannot be read counts as 14 days', async () => {
    const { bench } = benchOn('orders', {}, redrive(100));
    await expect(bench.subscribe('pay', { recordsKeptMs: 0 })).rejects.toMatchObject({ details: { neededMs: 18 * DAY_MS } });
  });
});

test('a redrive policy that gives up before the retries do is refused, with both figures', async () => {
  const { bench } = benchOn('orders', {}, redrive(5));
  await bench.subscribe('pay', { attempts: 5 });
  await expect(bench.subscribe('pay', { attempts: 6 })).rejects.toMatchObject({ code: 'capability-missing', details: { maxReceives: 5, attempts: 6 } });
});

test('a lease that SQS cannot keep is refused', async () => {
  const { bench } = benchOn('orders');
  for (const leaseMs of [999, 43_200_001]) await expect(bench.subscribe('pay', { leaseMs })).rejects.toMatchObject({ code: 'bad-option' });
});

test('a second consumer of one queue is refused, for it would take messages away from the first', async () => {
  const { bench } = benchOn('orders');
  await bench.subscribe('pay');
  await bench.subscribe('pay');
  await expect(bench.subscribe('ship')).rejects.toMatchObject({ code: 'capability-missing' });
});

describe('deadLetters: broker', () => {
  test('a dead letter comes again until the redrive policy moves it', async () => {
    const { bench, model } = benchOn('orders', { deadLetters: 'broker' }, redrive(8));
    model.create('dead.fifo');
    const feed = await bench.subscribe();
    await bench.publish([bench.message('a')]);
    for (let receive = 1; receive <= 8; receive++) await bench.settle(feed, await bench.receive(feed, 1), { kind: 'dead', reason: 'handler-failed' });
    expect([await bench.receiveSome(feed), model.count('dead.fifo')]).toEqual([[], 1]);
  });

  test('is refused where there is no redrive policy', async () => {
    const { bench } = benchOn('orders', { deadLetters: 'broker' });
    await expect(bench.subscribe()).rejects.toMatchObject({ code: 'capability-missing' });
  });
});

describe('sqs()', () => {
  const client = new ModelSqs();

  test.each<[string, Partial<SqsOptions> | { client: unknown }]>([
    ['client', { client: new SQSClient({ region: 'us-east-1' }) as unknown as SqsClient }],
    ['queue', { queue: '' }],
    ['tenant', { queue: 'orders.fifo', tenant: () => 'a' }],
    ['waitSeconds', { waitSeconds: 21 }],
    ['largePayloads', { largePayloads: {} as never }],
    ['name', { name: 'Not A Name' }],
  ])('refuses a wrong %s', (option, given) => {
    expect(() => sqs({ client, queue: 'orders', ...given } as SqsOptions)).toThrow(expect.objectContaining({ code: 'bad-option', details: { option } }));
  });

  test('a queue for each consumer cannot be published to; a URL and an ARN name a queue too', async () => {
    expect(sqs({ client, queue: 'orders-{consumer}' }).publisher).toBeUndefined();
    for (const queue of ['https://model/orders', 'arn:aws:sqs:us-east-1:000000000000:orders']) {
      const model = new ModelSqs();
      model.create('orders');
      const { queueOf } = sqs({ client: model, queue });
      expect((await queueOf({ service: 'shop', consumer: 'pay' })).arn).toBe('arn:aws:sqs:us-east-1:000000000000:orders');
    }
  });
});
