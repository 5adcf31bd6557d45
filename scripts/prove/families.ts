import { kafkaContract } from '../../packages/semel/src/contracts/kafka.ts';
import { rabbitmqContract } from '../../packages/semel/src/contracts/rabbitmq.ts';
import { sqsContract } from '../../packages/semel/src/contracts/sqs.ts';
import { sqsFifoContract } from '../../packages/semel/src/contracts/sqs-fifo.ts';
import type { Contract } from '../../packages/semel/src/core/contract.ts';
import type { Source } from '../../packages/semel/src/prove/explorer/scenario.ts';

/** A way in which messages come to a consumer, or leave an outbox. */
export interface Family {
  readonly source: Source;
  readonly contract?: Contract;
}

const RABBITMQ = { maxMessageBytes: 16_777_216 };

/** The families of brokers, each by the contract of one that belongs to it. */
export const FAMILIES = {
  local: { source: 'local' },
  outbox: { source: 'outbox' },
  lease: { source: 'queue', contract: sqsContract },
  'lease-in-order': { source: 'queue', contract: sqsFifoContract },
  connection: { source: 'queue', contract: rabbitmqContract({ ...RABBITMQ, singleActive: false }) },
  'connection-in-order': { source: 'queue', contract: rabbitmqContract({ ...RABBITMQ, singleActive: true }) },
  position: { source: 'log', contract: kafkaContract() },
} as const satisfies Readonly<Record<string, Family>>;

/** The name of a family. */
export type FamilyName = keyof typeof FAMILIES;

/** All of them. */
export const FAMILY_NAMES: readonly FamilyName[] = Object.keys(FAMILIES) as FamilyName[];
