export { type RabbitmqOptions, rabbitmq } from './rabbitmq.ts';
export type { RabbitmqChannel, RabbitmqConnection, RabbitmqMessage } from './rabbitmq-client.ts';
