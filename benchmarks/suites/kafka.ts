import type { Comparison } from '../measure.ts';
import { lasting } from '../processes/process-contender.ts';
import { rateOver } from '../ratios.ts';
import { brokerSuite, contendersAt, NOTHING } from './brokers.ts';

const contender = contendersAt('kafka');
const count = lasting(8_000);

/** From topic to topic: Postgres has no part in it. */
const transactions: Comparison = {
  contenders: {
    'kafkajs transactions': contender('brokers/by-hand/transactions.ts', 'hand', count, NOTHING, { most: 100 }),
    'semel transactions': contender('brokers/semel/transactions.ts', 'hand', count, NOTHING),
  },
  ratios: [
    rateOver(
      'kafka/transactions',
      'semel transactions',
      'kafkajs transactions',
      "from topic to topic, Kafka's transactions as a store over transactions of kafkajs, a hundred messages each",
      0.9,
    ),
  ],
};

/** What `npm run bench -- kafka` measures. */
export const kafkaSuite = brokerSuite({
  broker: 'kafka',
  usual: { name: 'kafkajs eachMessage', program: 'brokers/by-hand/kafkajs.ts' },
  bare: 'kafkajs eachBatch',
  perSecond: { single: 2_000, groups: 8_000, publish: 60_000 },
  many: 1_000_000,
  more: [transactions],
});
