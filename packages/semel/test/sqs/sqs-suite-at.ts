import { sqs } from 'semel/sqs';
import { type SuiteTest, type TransportFixture, transportSuite } from 'semel/testing';
import { injectInto, queueAt, type SqsPlace, sqsAt } from './queues.ts';

/** The suite of transports over queues of a place, one for each test. */
export function sqsSuiteAt(place: SqsPlace, fifo: boolean, test: SuiteTest): void {
  const client = sqsAt(place);
  transportSuite({
    test,
    name: fifo ? 'SQS FIFO' : 'SQS standard',
    transport: sqs({ client, queue: fifo ? 'orders.fifo' : 'orders' }),
    create: async () => {
      const queue = await queueAt(client, fifo);
      return {
        transport: sqs({ client, queue: queue.name }),
        topic: 'orders',
        realTime: timesAt(place),
        inject: (bytes) => injectInto(client, queue, bytes),
        close: () => queue.drop(),
      };
    },
  });
}

const NEAR = { leaseMs: 2_000, patienceMs: 5_000, quietMs: 300 };
const SLOW = { leaseMs: 6_000, patienceMs: 20_000, quietMs: 500 };
/** Counts follow late there. The quiet has to be over within the last second of a delay. */
const FAR = { leaseMs: 6_000, patienceMs: 60_000, quietMs: 800 };

/** How long to wait at a place. */
export function timesAt(place: SqsPlace): NonNullable<TransportFixture['realTime']> {
  if (place === 'aws') return FAR;
  return place === 'localstack' || place === 'moto' ? SLOW : NEAR;
}
