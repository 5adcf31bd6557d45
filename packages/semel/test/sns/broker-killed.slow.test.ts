import { describeWith } from '../services/describe-with.ts';
import { brokerKilledTest } from './broker-killed-test.ts';

describeWith('fauxqs', 'SNS and SQS are killed', () => brokerKilledTest(100, 2_000));
