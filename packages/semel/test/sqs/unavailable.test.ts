import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import type { Transport } from 'semel';
import { sns } from 'semel/sns';
import { sqs } from 'semel/sqs';
import { describe, expect, test } from 'vitest';
import { TransportBench } from '../../src/testing/transport-suite/transport-bench.ts';
import { ModelSqs } from './model-sqs.ts';

const NOBODY = 'http://127.0.0.1:1';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:orders';
const settings = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };

const subscribed = (transport: Transport) => expect(new TransportBench({ transport, topic: 'orders', inject: () => {}, close: async () => {} }).subscribe()).rejects;

describe('a start that AWS has no answer for', () => {
  test('names the queue and the endpoint, and says what to look at', async () => {
    const client = new SQS({ ...settings, endpoint: NOBODY });
    await subscribed(sqs({ client, queue: 'orders' })).toMatchObject({
      code: 'transport-unavailable',
      message: expect.stringMatching(/^SQS gives no answer about the queue orders, asked at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*; check the client's endpoint/),
      cause: { code: 'ECONNREFUSED' },
    });
    await subscribed(sqs({ client, queue: `${NOBODY}/000000000000/orders` })).toMatchObject({ code: 'transport-unavailable', message: expect.stringContaining(NOBODY) });
  });

  test('names the topic', async () => {
    const model = new ModelSqs();
    model.create('orders-pay');
    const queues = sqs({ client: model, queue: 'orders-{consumer}' });
    for (const subscriptions of ['check', 'create'] as const) {
      const transport = sns({ client: new SNS({ ...settings, endpoint: NOBODY }), topic: TOPIC, queues, subscriptions });
      await subscribed(transport).toMatchObject({ code: 'transport-unavailable', message: expect.stringMatching(`the topic ${TOPIC}, asked at ${NOBODY}`) });
    }
  });

  test('says what a service that refuses gave for a reason', async () => {
    await subscribed(sqs({ client: new ModelSqs(), queue: 'nowhere' })).toMatchObject({ code: 'transport-unavailable', message: expect.stringContaining('QueueDoesNotExist') });
  });
});
