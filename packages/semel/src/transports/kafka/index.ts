export { kafka } from './kafka.ts';
export type { KafkaOptions } from './kafka-options.ts';
export type { LibrdkafkaConfig } from './librdkafka/library.ts';
export { librdkafka } from './librdkafka/librdkafka-client.ts';
