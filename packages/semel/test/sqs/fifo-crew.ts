import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { serviceUrl } from '../services/describe-with.ts';
import { queueAt, sqsAt } from './queues.ts';

const module = join(import.meta.dirname, 'sqs-broker.ts');

/** A run over FIFO queues of its own. */
export async function gather(store: string, orders: number): Promise<BrokerCrew> {
  const base = `semel-test-${randomUUID()}`;
  for (const consumer of ['book', 'poisoned']) await queueAt(sqsAt('elasticmq'), true, {}, `${base}-${consumer}`);
  return BrokerCrew.gather({ module, address: `${serviceUrl('elasticmq')}#${base}#.fifo`, topic: 'orders', store, orders });
}
