import type { Broker } from './broker.ts';

/** The broker at an address: `kafka://…`, `amqp://…`, or the endpoint of what speaks SQS; undefined where there is none, and the database is the queue. */
export async function brokerAt(address: string | undefined): Promise<Broker | undefined> {
  if (address === undefined) return undefined;
  if (address.startsWith('kafka:')) return (await import('./kafka.ts')).kafkaBroker(new URL(address).host);
  if (address.startsWith('amqp:')) return (await import('./rabbitmq.ts')).rabbitmqBroker(address);
  return (await import('./sqs.ts')).sqsBroker(address);
}
