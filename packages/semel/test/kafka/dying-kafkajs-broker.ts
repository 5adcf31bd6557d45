import type { Transport } from 'semel';
import { dyingMember } from './dying-member.ts';
import { transport as kafkajs } from './kafkajs-broker.ts';

/** For processes that die in a rebalance. */
export function transport(address: string): Transport {
  return dyingMember(kafkajs(address));
}
