import { connect } from 'node:net';
import type { Transport } from 'semel';
import { kafka } from 'semel/kafka';
import { quietKafka } from '../../../../packages/semel/test/kafka/kafka.ts';

/** The group forgets a process soon. Every connection goes to this address, whatever the only broker says of its own. */
export function transport(address: string): Transport {
  const [host = '', port] = address.split(':');
  const socketFactory = ({ onConnect }: { readonly onConnect: () => void }) => connect({ host, port: Number(port) }, onConnect);
  return kafka(quietKafka(address, { socketFactory }), { sessionTimeoutMs: 1_000, heartbeatMs: 200 });
}
