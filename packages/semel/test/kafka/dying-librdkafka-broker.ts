import type { Transport } from 'semel';
import { dyingMember } from './dying-member.ts';
import { transport as librdkafka } from './librdkafka-broker.ts';

/** For processes that die in a cooperative rebalance. */
export function transport(address: string): Transport {
  return dyingMember(librdkafka(address));
}
