export { type KafkaStore, kafkaTransactions } from './kafka-store.ts';
export type { KafkaTransactionsOptions } from './kafka-store-options.ts';
export type { KafkaTransaction, RawRecord } from './transaction-handle.ts';
