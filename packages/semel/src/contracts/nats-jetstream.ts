import type { Contract } from '../core/contract.ts';

const DOCS = 'https://docs.nats.io';
const CONSUMERS = `${DOCS}/nats-concepts/jetstream/consumers`;
const STREAMS = `${DOCS}/nats-concepts/jetstream/streams`;
const MODEL = `${DOCS}/using-nats/jetstream/model_deep_dive`;

/** What NATS JetStream promises a durable pull consumer with explicit acknowledgements. */
export const natsJetstreamContract: Contract = {
  service: 'NATS JetStream',
  delivery: { value: 'at-least-once', source: CONSUMERS },
  ordering: { value: 'none', source: `${CONSUMERS}: what comes again comes after others, unless MaxAckPending is 1` },
  settlement: { value: 'one-by-one', source: `${MODEL}#acknowledgement-models` },
  takenBack: { value: 'lease', source: `${CONSUMERS}: AckWait` },
  duplicates: {
    value: ['unsettled', 'settled', 'publish-retry', 'redrive'],
    source: `${MODEL}#exactly-once-semantics: an acknowledgement is sure only if the server answers it (double ack)`,
  },
  redeliveryWindowMs: { value: null, source: `${STREAMS}: as the stream's limits are set` },
  redelivery: { value: [{ place: 'the stream', maxMs: null }], source: `${STREAMS}: MaxAge, without bound unless it is set` },
  deadline: { value: { defaultMs: 30_000, maxMs: null, prolonged: true, totalMs: null }, source: `${CONSUMERS}: AckWait, begun anew by a progress acknowledgement` },
  delayedRetry: { value: true, source: `${MODEL}#acknowledgement-models: a negative acknowledgement with a delay` },
  countsAttempts: { value: true, source: `${DOCS}/reference/reference-protocols/nats_api_reference: the reply subject carries the count of deliveries` },
  attempts: { value: { most: null, then: 'kept' }, source: `${CONSUMERS}: MaxDeliver, -1 unless it is set; after it the message stays in the stream, and an advisory is sent` },
  retention: { value: { defaultMs: null, maxMs: null }, source: `${STREAMS}: MaxAge` },
  dedupWindowMs: { value: 120_000, source: `${MODEL}#message-deduplication: DuplicateWindow, unless it is set otherwise` },
  dedupKey: { value: 'the header Nats-Msg-Id, within one stream', source: `${DOCS}/nats-concepts/jetstream/headers; the body is not compared` },
  messageId: { value: 'The sequence of the stream names the stored message; a publish that is repeated outside the window has a second one.', source: MODEL },
  fencedAcknowledgement: { value: false, source: 'https://github.com/nats-io/nats-server/issues/4786: a late acknowledgement counts for the delivery that came after it' },
  maxMessageBytes: { value: 1_048_576, source: `${DOCS}/reference/faq: max_payload, 64 MB at most` },
  maxBatch: { value: 1, source: MODEL },
  maxInFlight: { value: 1_000, source: `${CONSUMERS}: MaxAckPending, unless it is set otherwise` },
  batchPublish: { value: 'none', source: MODEL },
  batchSettlement: { value: 'none', source: `${MODEL}#acknowledgement-models: with explicit acknowledgements` },
  acknowledgement: { value: 'With an answer of the server, the message does not come again; without one, it may.', source: `${MODEL}#exactly-once-semantics` },
  publishReply: {
    value: 'The stream has stored the message, or knows its id; a server that loses power may lose the newest, for it syncs by interval.',
    source: `${MODEL}#acknowledgement-models, ${DOCS}/nats-concepts/jetstream: sync_interval, two minutes unless it is set`,
  },
};
