import { describeWith } from '../services/describe-with.ts';
import { quietKafka } from './kafka.ts';
import { logTests } from './log-tests.ts';

describeWith('kafka', 'Kafka’s log, by kafkajs', () => logTests(() => quietKafka(), 15_000));
