import { sqs } from 'semel/sqs';
import { transportSuite } from 'semel/testing';
import { describe, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { injectInto, queueAt, type SqsPlace, sqsAt } from './queues.ts';

const TIMES = { leaseMs: 2_000, patienceMs: 5_000, quietMs: 300 };
const FAR_TIMES = { leaseMs: 6_000, patienceMs: 20_000, quietMs: 2_000 };

function suiteAt(place: SqsPlace, fifo: boolean): void {
  const client = sqsAt(place);
  transportSuite({
    test: test.concurrent, // they wait more than they work
    name: fifo ? 'SQS FIFO' : 'SQS standard',
    transport: sqs({ client, queue: fifo ? 'orders.fifo' : 'orders' }),
    create: async () => {
      const queue = await queueAt(client, fifo);
      const realTime = place === 'aws' ? FAR_TIMES : TIMES;
      return { transport: sqs({ client, queue: queue.name }), topic: 'orders', realTime, inject: (bytes) => injectInto(client, queue, bytes), close: () => queue.drop() };
    },
  });
}

for (const place of ['elasticmq', 'fauxqs'] as const) {
  describeWith(place, `on ${place}`, () => {
    suiteAt(place, false);
    suiteAt(place, true);
  });
}

// With an account's credentials and AWS_REGION; it makes queues named semel-test-…, and removes them.
if (process.env['SEMEL_TEST_AWS'] === '1') {
  describe('on AWS', () => {
    suiteAt('aws', false);
    suiteAt('aws', true);
  });
}
