import type { Transport } from 'semel';
import { kafka } from 'semel/kafka';
import { builtLibrdkafka, librdkafkaClient } from './librdkafka.ts';

const folder = await builtLibrdkafka();

/** For the processes that are to be killed: the group forgets them soon. */
export function transport(address: string): Transport {
  return kafka(librdkafkaClient(folder, address), { sessionTimeoutMs: 1_000, heartbeatMs: 200, rebalance: 'cooperative' });
}
