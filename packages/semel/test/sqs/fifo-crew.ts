import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { serviceUrl } from '../services/describe-with.ts';
import { queueAt, type SqsPlace, sqsAt } from './queues.ts';

const module = join(import.meta.dirname, 'sqs-broker.ts');

/** A run over FIFO queues of its own, which are removed afterwards. */
export async function overFifoQueues(
  place: SqsPlace,
  { store, orders }: { readonly store: string; readonly orders: number },
  run: (crew: BrokerCrew) => Promise<void>,
): Promise<void> {
  const [client, base] = [sqsAt(place), `semel-test-${randomUUID()}`];
  const queues = await Promise.all(['book', 'poisoned'].map((consumer) => queueAt(client, true, {}, `${base}-${consumer}`)));
  const address = [place, place === 'aws' ? '' : serviceUrl(place), base].join('#');
  try {
    await using crew = await BrokerCrew.gather({ module, address, topic: 'orders', store, orders });
    await run(crew);
  } finally {
    await Promise.all(queues.map((queue) => queue.drop()));
  }
}
