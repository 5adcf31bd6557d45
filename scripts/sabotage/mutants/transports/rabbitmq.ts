import type { Mutant } from '../../mutant.ts';
import { CONSUMER, SRC, testsOf } from '../where.ts';

const RABBITMQ = `${SRC}/transports/rabbitmq`;
const TESTS = testsOf(`${RABBITMQ}/rabbitmq.test.ts`);

/** Bugs of the RabbitMQ transport. */
export const RABBITMQ_MUTANTS: readonly Mutant[] = [
  {
    id: 'rabbitmq-not-mandatory',
    trap: '30: what no queue takes is confirmed, marked as published, and lost',
    file: `${RABBITMQ}/rabbitmq-record.ts`,
    from: 'mandatory: true',
    to: 'mandatory: false',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-return-ignored',
    trap: '30: a message came back, and counts as published because it was confirmed too',
    file: `${RABBITMQ}/rabbitmq-outlet.ts`,
    from: "pending.returned = fields.replyText ?? 'returned';",
    to: '',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-key-overtakes',
    trap: '2: a message is in a queue although the one before it of its key was refused',
    file: `${RABBITMQ}/rabbitmq-publisher.ts`,
    from: 'readonly ordered = true;',
    to: 'readonly ordered = false;',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-return-of-another',
    trap: '30: a message that no queue took counts as accepted, and one of the same content that was routed as returned',
    file: `${RABBITMQ}/rabbitmq-outlet.ts`,
    from: 'pending.routingKey === fields.routingKey &&',
    to: '',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-default-delivery-limit',
    trap: "30: the broker's own limit of 20 returns drops a message before Semel gives it up",
    file: `${RABBITMQ}/rabbitmq-topology.ts`,
    from: "      'x-delivery-limit': DELIVERY_LIMIT,\n",
    to: '',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-dead-channel',
    trap: '30: after its channel ended a feed waits on it for ever',
    file: `${RABBITMQ}/rabbitmq-subscriber.ts`,
    from: '    this.#consumption.broke(consumption);\n',
    to: '',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-transient',
    trap: '24: messages that do not outlive their broker: all confirmed ones are lost at a crash of a classic queue',
    file: `${RABBITMQ}/rabbitmq-record.ts`,
    from: 'persistent: true,',
    to: 'persistent: false,',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-ack-on-delivery',
    trap: '24: acknowledged when it is handed out, before the commit: a crash loses it',
    file: `${RABBITMQ}/rabbitmq-consumption.ts`,
    from: '      this.#inHand.set(delivery, message);\n',
    to: '      this.#inHand.set(delivery, message);\n      this.#channel.ack(message);\n',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-settles-twice',
    trap: '24: a second acknowledgement of one delivery, for which the broker ends the channel',
    file: `${RABBITMQ}/rabbitmq-consumption.ts`,
    from: '    this.#inHand.delete(delivery);\n',
    to: '',
    tests: TESTS,
  },
  {
    id: 'rabbitmq-no-answer-is-accepted',
    trap: '9: a confirm that never came counts as one',
    file: `${RABBITMQ}/rabbitmq-outlet.ts`,
    from: "{ kind: 'unknown', error: unavailable('ended the channel before it confirmed', error) }",
    to: "{ kind: 'accepted' }",
    tests: TESTS,
  },
  {
    id: 'rabbitmq-released-at-the-end',
    trap: '2: what is given back is handed out again behind what follows it',
    file: `${RABBITMQ}/rabbitmq-consumption.ts`,
    from: '.sort((a, b) => a.fields.deliveryTag - b.fields.deliveryTag)',
    to: '',
    tests: TESTS,
  },
  {
    id: 'returned-is-handled',
    trap: '33: what was returned after a crash is handled as if nothing had been, and ends process after process',
    file: `${CONSUMER}/intake.ts`,
    from: 'if (delivery.suspect && (parks ||',
    to: 'if (!delivery.suspect && (parks ||',
    tests: testsOf(`${CONSUMER}/intake.test.ts`),
  },
];
