import { brokerSuite } from './brokers.ts';

/** What `npm run bench -- sqs` measures. */
export const sqsSuite = brokerSuite({
  broker: 'sqs',
  usual: { name: 'sqs-consumer', program: 'peers/sqs-consumer.ts' },
  bare: 'SDK',
  perSecond: { single: 1_000, groups: 2_000, publish: 4_000 },
  many: 50_000,
});
