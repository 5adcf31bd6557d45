import { randomBytes } from 'node:crypto';
import { freePort } from './free-port.ts';

/** The nodes that vote for a cluster's controller: all of them, numbered from 1. */
export type KafkaQuorum = readonly { readonly id: number; readonly port: number /** The id of its data. */; readonly directory: string }[];

/** Ports and ids for so many nodes. They have to know each other's before any of them starts. */
export function kafkaQuorum(nodes: number): Promise<KafkaQuorum> {
  return Promise.all(Array.from({ length: nodes }, async (_, index) => ({ id: index + 1, port: await freePort(), directory: randomBytes(16).toString('base64url') })));
}
