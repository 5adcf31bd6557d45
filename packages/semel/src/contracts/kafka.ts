import type { Contract } from '../core/contract.ts';

const DESIGN = 'https://kafka.apache.org/documentation/#semantics';
const BROKER_CONFIGS = 'https://kafka.apache.org/documentation/#brokerconfigs';
const TOPIC_CONFIGS = 'https://kafka.apache.org/documentation/#topicconfigs';
const PROTOCOL = 'https://kafka.apache.org/protocol';
const DAY_MS = 86_400_000;
const POSITIONS = 'Semel, packages/semel/src/core/log-feed.ts';

/**
 * What Apache Kafka promises, and what Semel makes of it.
 *
 * @param maxMessageBytes what its brokers are set to take
 */
export function kafkaContract(maxMessageBytes = 1_048_588): Contract {
  return {
    service: 'Apache Kafka',
    delivery: { value: 'at-least-once', source: DESIGN },
    ordering: { value: 'partition', source: 'https://kafka.apache.org/documentation/#intro_concepts_and_terms' },
    settlement: { value: 'position', source: POSITIONS },
    takenBack: { value: 'connection', source: 'https://kafka.apache.org/documentation/#consumerconfigs_session.timeout.ms' },
    duplicates: { value: ['unsettled', 'publish-retry', 'rebalance', 'redrive'], source: `${DESIGN}; a log can be read again from any place` },
    redeliveryWindowMs: {
      value: null,
      source: 'https://kafka.apache.org/documentation/#semantics: a producer may send a message again at any time; the log itself is read once, by position',
    },
    redelivery: { value: [{ place: 'the log', maxMs: null }], source: `${TOPIC_CONFIGS}_retention.ms: -1 keeps it for ever` },
    deadline: { value: null, source: `${PROTOCOL}#The_Messages_Fetch: reading takes nothing out; a member that gives no sign of life loses its partitions` },
    delayedRetry: { value: false, source: `${PROTOCOL}: a partition is read in order` },
    countsAttempts: { value: false, source: `${PROTOCOL}: no record carries a count` },
    attempts: { value: { most: null, then: 'blocks' }, source: `${PROTOCOL}: a partition is read in order` },
    retention: { value: { defaultMs: 7 * DAY_MS, maxMs: null }, source: `${TOPIC_CONFIGS}_retention.ms` },
    dedupWindowMs: { value: 0, source: `${BROKER_CONFIGS}_producer.id.expiration.ms: an idempotent producer's own retries only` },
    dedupKey: { value: 'none', source: 'https://kafka.apache.org/documentation/#producerconfigs_enable.idempotence: numbers of one producer, which ends with its process' },
    messageId: { value: 'An offset names the record, not the event: a publish that is repeated has a second one.', source: DESIGN },
    fencedAcknowledgement: { value: true, source: `${PROTOCOL}#protocol_error_codes: ILLEGAL_GENERATION; and the epoch of the position in the store` },
    maxMessageBytes: { value: maxMessageBytes, source: `${BROKER_CONFIGS}_message.max.bytes` },
    maxBatch: { value: null, source: `${BROKER_CONFIGS}_socket.request.max.bytes: bytes alone are counted` },
    maxInFlight: { value: null, source: `${PROTOCOL}#The_Messages_Fetch` },
    batchPublish: { value: 'each', source: `${PROTOCOL}#The_Messages_Produce: for each partition, whose batch is appended whole` },
    batchSettlement: { value: 'first-failure', source: POSITIONS },
    acknowledgement: {
      value: "The position is advanced in the effect's transaction, under its owner's epoch; the group's own offsets follow, for tools that watch lag.",
      source: POSITIONS,
    },
    publishReply: {
      value: 'The record is in the log of its partition’s leader and of every replica in sync.',
      source: 'https://kafka.apache.org/documentation/#producerconfigs_acks',
    },
  };
}
