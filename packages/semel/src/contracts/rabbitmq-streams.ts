import type { Contract } from '../core/contract.ts';
import { rabbitmqContract } from './rabbitmq.ts';

const STREAMS = 'https://www.rabbitmq.com/docs/4.0/streams';
const POSITIONS = 'Semel, packages/semel/src/core/log-feed.ts';

/**
 * What a stream of RabbitMQ promises over AMQP 0-9-1, and what Semel makes of it.
 *
 * @param maxMessageBytes what its broker is set to take
 */
export function rabbitmqStreamsContract(maxMessageBytes: number = 16 << 20): Contract {
  return {
    ...rabbitmqContract({ singleActive: false, maxMessageBytes }),
    service: 'RabbitMQ, streams',
    ordering: { value: 'partition', source: `${STREAMS}: a stream is one log` },
    settlement: { value: 'position', source: POSITIONS },
    takenBack: { value: 'connection', source: 'Semel, packages/semel/src/transports/rabbitmq/streams/stream-turn.ts: an exclusive queue is gone with its connection' },
    duplicates: { value: ['unsettled', 'publish-retry', 'rebalance', 'redrive'], source: `${STREAMS}#consuming: a stream can be read again from any offset` },
    redeliveryWindowMs: { value: null, source: `${STREAMS}#retention: as max-age and max-length-bytes are set` },
    redelivery: { value: [{ place: 'the stream', maxMs: null }], source: `${STREAMS}#retention` },
    deadline: { value: null, source: `${STREAMS}#consuming: reading takes nothing out; consumer_timeout ends a channel, and another goes on from the position` },
    countsAttempts: { value: false, source: `${STREAMS}#feature-comparison: no poison message handling` },
    attempts: { value: { most: null, then: 'blocks' }, source: `${STREAMS}: a stream is read in order` },
    retention: { value: { defaultMs: null, maxMs: null }, source: `${STREAMS}#retention: without bound, until the disk is full, unless it is set` },
    dedupWindowMs: { value: 0, source: `${STREAMS}#deduplication-published-messages: by publishing ids, which the stream protocol has, and AMQP 0-9-1 has not` },
    messageId: { value: 'The offset names the stored record; a publish that is repeated has a second one.', source: STREAMS },
    fencedAcknowledgement: { value: true, source: `${POSITIONS}: by the epoch of the position in the store; the stream itself heeds no acknowledgement` },
    maxInFlight: { value: null, source: STREAMS },
    batchSettlement: { value: 'first-failure', source: POSITIONS },
    acknowledgement: {
      value: "The position is advanced in the effect's transaction, under its owner's epoch; to the broker an acknowledgement is room for another record.",
      source: POSITIONS,
    },
    publishReply: { value: 'Confirmed, a majority of the members of the stream have it; they do not wait for their disks.', source: `${STREAMS}#data-safety` },
  };
}
