import type { Contract } from '../core/contract.ts';
import { kafkaContract } from './kafka.ts';

const DESIGN = 'https://kafka.apache.org/documentation/#semantics';
const KIP_98 = 'https://cwiki.apache.org/confluence/display/KAFKA/KIP-98+-+Exactly+Once+Delivery+and+Transactional+Messaging';
const TIMEOUT = 'https://kafka.apache.org/documentation/#producerconfigs_transaction.timeout.ms';
const MAX_TIMEOUT = 'https://kafka.apache.org/documentation/#brokerconfigs_transaction.max.timeout.ms';

/** What Apache Kafka promises from topic to topic: reading committed records, with the positions in the producer's transaction. It says nothing of any other place. */
export const kafkaTransactionsContract: Contract = {
  ...kafkaContract(),
  service: 'Apache Kafka, transactions',
  delivery: { value: 'exactly-once', source: `${DESIGN}: from Kafka to Kafka, read_committed` },
  settlement: { value: 'in-transaction', source: `${KIP_98}: sendOffsetsToTransaction` },
  takenBack: {
    value: 'connection',
    source: 'https://kafka.apache.org/documentation/#consumerconfigs_session.timeout.ms; an open transaction is aborted after transaction.timeout.ms',
  },
  duplicates: { value: ['publish-retry', 'redrive'], source: `${DESIGN}: of producers that are not in the transaction; positions can be set back` },
  deadline: { value: { defaultMs: 60_000, maxMs: 900_000, prolonged: false, totalMs: 900_000 }, source: `${TIMEOUT}, ${MAX_TIMEOUT}` },
  fencedAcknowledgement: { value: true, source: `${KIP_98}: the epoch of the producer, and the generation of the group` },
  batchPublish: { value: 'whole', source: KIP_98 },
  batchSettlement: { value: 'whole', source: KIP_98 },
  acknowledgement: { value: "The group's offsets are committed with what was produced, or neither is.", source: KIP_98 },
  publishReply: { value: 'The record is in the log; it is read by nobody who reads committed records until its transaction commits.', source: KIP_98 },
};
