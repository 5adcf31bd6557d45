import { connect } from 'amqplib';
import type { Transport } from 'semel';
import { rabbitmqStreams } from 'semel/rabbitmq';

/** For the processes that are to be killed: at `<url>#<prefix of its turns>`. */
export function transport(address: string): Transport {
  const [url, prefix] = address.split('#') as [string, string];
  return rabbitmqStreams(() => connect(url, { timeout: 5_000 }), { turn: (_service, consumer) => `${prefix}.${consumer}.turn` });
}
