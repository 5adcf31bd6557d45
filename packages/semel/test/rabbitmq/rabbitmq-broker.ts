import { connect } from 'amqplib';
import type { Transport } from 'semel';
import { rabbitmq } from 'semel/rabbitmq';

/** For the processes that are to be killed: at `<url>#<prefix of its queues>`. One consumer at a time, so that keys are in order. */
export function transport(address: string): Transport {
  const [url, prefix] = address.split('#') as [string, string];
  return rabbitmq(() => connect(url, { timeout: 5_000 }), { singleActive: true, queue: (_service, consumer) => `${prefix}.${consumer}` });
}
