import { kafkaContract } from '../../contracts/kafka.ts';
import { badOption } from '../../core/options.ts';
import type { Transport } from '../../core/transport.ts';
import { Wire } from '../../core/wire.ts';
import type { KafkaClient } from './kafka-client.ts';
import { checkKafkaOptions, type KafkaOptions } from './kafka-options.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { KafkaSubscriber } from './kafka-subscriber.ts';
import { KafkajsClient } from './kafkajs/kafkajs-client.ts';
import type { Kafkajs } from './kafkajs/library.ts';
import { TransactionalSender } from './transactional-sender.ts';

/**
 * Topics in an Apache Kafka, under their own names. Consumers are groups, `<service>/<consumer>`, whose positions stand in the store of the effects, advanced in their
 * transaction; the group only shares out the partitions.
 *
 * @param client a `Kafka` of kafkajs, with its brokers, TLS and SASL
 * @throws SemelError `bad-option`, or `capability-missing` where the client cannot do what the options ask for
 * @example
 * createSemel({ name: 'shop', store, routes: { orders: kafka(new Kafka({ brokers: ['127.0.0.1:9092'] })) } });
 */
export function kafka(client: Kafkajs | KafkaClient, options: KafkaOptions = {}): Transport {
  const own = clientOf(client);
  const { name, maxMessageBytes, reading, begin } = checkKafkaOptions(options, own);
  const wire = new Wire('kafka', 'ce_', options);
  return Object.freeze({
    name,
    contract: kafkaContract(maxMessageBytes),
    publisher: new KafkaPublisher(() => (begin === undefined ? own.producer() : TransactionalSender.open(begin)), wire, maxMessageBytes),
    subscriber: new KafkaSubscriber(own, wire, reading),
  });
}

/** The client that a user gave, as Semel uses it. @throws SemelError `bad-option` */
export function clientOf(client: Kafkajs | KafkaClient): KafkaClient {
  if (typeof client === 'object' && client !== null) {
    if ('capabilities' in client) return client;
    if (typeof client.producer === 'function' && typeof client.consumer === 'function') return new KafkajsClient(client);
  }
  throw badOption('kafka', 'client', client, 'a Kafka of kafkajs');
}
