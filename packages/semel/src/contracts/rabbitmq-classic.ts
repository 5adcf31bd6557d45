import type { Contract } from '../core/contract.ts';
import { rabbitmqContract } from './rabbitmq.ts';

const DOCS = 'https://www.rabbitmq.com/docs';

/** What RabbitMQ promises of durable classic queues, with persistent messages, publisher confirms and manual acknowledgements. Semel declares quorum queues. */
export const rabbitmqClassicContract: Contract = {
  ...rabbitmqContract({ singleActive: false, maxMessageBytes: 16 << 20 }),
  service: 'RabbitMQ, classic queues',
  delivery: { value: 'at-least-once', source: `${DOCS}/reliability; a queue is on one node, and gone with its disk: ${DOCS}/classic-queues` },
  countsAttempts: { value: false, source: `${DOCS}/classic-queues: no poison message handling; \`redelivered\` is a flag` },
  attempts: { value: { most: null, then: 'kept' }, source: `${DOCS}/classic-queues: no poison message handling` },
  acknowledgement: { value: 'The message is deleted on the node of its queue.', source: `${DOCS}/confirms` },
  publishReply: {
    value: 'Confirmed, every queue that it was routed to has it on the disk of its one node; an unroutable one is returned first.',
    source: `${DOCS}/confirms#when-publishes-are-confirmed`,
  },
};
