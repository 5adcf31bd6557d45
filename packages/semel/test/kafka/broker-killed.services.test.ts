import { describeWith } from '../services/describe-with.ts';
import { brokerKilledTest } from './broker-killed-test.ts';

describeWith('kafka', 'Kafka is killed', () => brokerKilledTest(2, 150));
