import type { Contract } from '../core/contract.ts';
import { rabbitmqContract } from './rabbitmq.ts';

const STREAMS = 'https://www.rabbitmq.com/docs/streams';
const DEDUPLICATION = `${STREAMS}#deduplication-published-messages`;

/** What a stream of RabbitMQ promises. */
export const rabbitmqStreamsContract: Contract = {
  ...rabbitmqContract({ singleActive: false, maxMessageBytes: 16 << 20 }),
  service: 'RabbitMQ, streams',
  ordering: { value: 'partition', source: `${STREAMS}: a stream, or a partition of a super stream` },
  settlement: { value: 'position', source: `${STREAMS}#offset-tracking: who reads keeps the offset, or has it kept` },
  takenBack: { value: 'connection', source: `${STREAMS}#single-active-consumer` },
  duplicates: { value: ['unsettled', 'publish-retry', 'rebalance', 'redrive'], source: `${STREAMS}; a stream can be read again from any offset` },
  redeliveryWindowMs: { value: null, source: `${STREAMS}#retention: as max-age and max-length-bytes are set` },
  redelivery: { value: [{ place: 'the stream', maxMs: null }], source: `${STREAMS}#retention` },
  deadline: { value: null, source: `${STREAMS}: reading takes nothing out` },
  attempts: { value: { most: null, then: 'blocks' }, source: `${STREAMS}: a stream is read in order` },
  retention: { value: { defaultMs: null, maxMs: null }, source: `${STREAMS}#retention: without bound, until the disk is full, unless it is set` },
  dedupWindowMs: { value: null, source: `${DEDUPLICATION}: the highest publishing id of a producer's name is kept with the stream` },
  dedupKey: { value: 'the name of the producer and an ever higher publishing id: one publisher at a time, in one order', source: DEDUPLICATION },
  messageId: { value: 'The offset names the stored message; a publish that is repeated without a publishing id has a second one.', source: STREAMS },
  fencedAcknowledgement: { value: false, source: `${STREAMS}#offset-tracking: an offset is stored whoever sends it` },
  maxInFlight: { value: null, source: STREAMS },
  batchSettlement: { value: 'first-failure', source: `${STREAMS}#offset-tracking: an offset stands for all before it` },
  acknowledgement: { value: 'It is a credit for more messages, and takes nothing out.', source: STREAMS },
  publishReply: { value: 'Confirmed, a majority of the members of the stream have it.', source: `${STREAMS}: streams are replicated, and sync by interval` },
};
