import { connect } from 'amqplib';
import { rabbitmq } from 'semel/rabbitmq';
import type { Broker } from './broker.ts';

/** A RabbitMQ: one worker at a time has the queue, so that a repository's deliveries stay in order. */
export function rabbitmqBroker(url: string): Broker {
  return {
    transport: rabbitmq(() => connect(url), { singleActive: true }),
    prepare: async () => {}, // Semel declares exchange and queue
  };
}
