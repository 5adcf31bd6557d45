import type { Transport } from 'semel';
import { kafka } from 'semel/kafka';
import { quietKafka } from './kafka.ts';

/** For the processes that are to be killed: the group forgets them soon. */
export function transport(address: string): Transport {
  return kafka(quietKafka(address), { sessionTimeoutMs: 1_000, heartbeatMs: 200 });
}
