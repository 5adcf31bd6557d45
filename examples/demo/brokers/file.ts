import { Broker, VISIBILITY_MS } from '../broker.ts';
import { type ColumnBroker, poll } from './column-broker.ts';

/** The demo's own broker, in a file that all processes of a column share. */
export function fileBroker(path: string): ColumnBroker {
  const broker = new Broker(path);
  const receive = async () => broker.receive().map((held) => ({ body: held.body, acknowledge: async () => broker.acknowledge(held) }));
  return {
    leaseMs: VISIBILITY_MS,
    publish: async (messages) => broker.publish(messages),
    consume: (handle, stop) => poll(receive, handle, stop),
    transport: async () => (await import('../broker-transport.ts')).brokerTransport(broker),
    remaining: async () => broker.remaining(),
    holders: () => broker.holders(),
    close: async () => broker.close(),
  };
}
