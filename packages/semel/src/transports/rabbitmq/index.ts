export { type RabbitmqOptions, rabbitmq } from './rabbitmq.ts';
export type { RabbitmqChannel, RabbitmqConnection, RabbitmqMessage } from './rabbitmq-client.ts';
export { type RabbitmqStreamsOptions, rabbitmqStreams } from './streams/rabbitmq-streams.ts';
