import { brokerSuite } from './brokers.ts';

/** What `npm run bench -- rabbitmq` measures. */
export const rabbitmqSuite = brokerSuite({
  broker: 'rabbitmq',
  usual: undefined,
  bare: 'amqplib',
  perSecond: { single: 2_000, groups: 6_000, publish: 20_000 },
  many: 300_000,
});
