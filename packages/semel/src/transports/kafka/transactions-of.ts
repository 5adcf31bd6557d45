import { SemelError } from '../../core/errors.ts';
import type { KafkaClient } from './kafka-client.ts';

/** What begins transactions with a client. Throws `capability-missing` where Semel cannot make any with it; `where` says what asks for them. */
export function transactionsOf(client: KafkaClient, where: string): NonNullable<KafkaClient['transactions']> {
  const begin = client.transactions?.bind(client);
  if (begin !== undefined) return begin;
  throw new SemelError('capability-missing', `${where}: Semel cannot make transactions with the client ${client.name}; pass a Kafka of kafkajs`);
}
