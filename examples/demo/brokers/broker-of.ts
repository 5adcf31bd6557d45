import type { Mode } from '../mode.ts';
import type { ColumnBroker } from './column-broker.ts';

/** The broker of a column at an address: that of a server, or the path of a file. No process loads the client of another one. */
export async function brokerOf(address: string, mode: Mode): Promise<ColumnBroker> {
  if (address.startsWith('kafka:')) return (await import('./kafka.ts')).kafkaBroker(new URL(address).host, mode);
  if (address.startsWith('amqp:')) return (await import('./rabbitmq.ts')).rabbitmqBroker(address, mode);
  if (address.startsWith('http:')) return (await import('./sqs.ts')).sqsBroker(address, mode);
  return (await import('./file.ts')).fileBroker(address);
}
