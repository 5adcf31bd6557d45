import { describeWith } from '../services/describe-with.ts';
import { brokerKilledTest } from './broker-killed-test.ts';
import { streamsCrashTests } from './streams-crash-tests.ts';
import { streamsSuite } from './streams-suite.ts';
import { streamsTests } from './streams-tests.ts';

streamsSuite('rabbitmq', 'structured');
streamsTests('rabbitmq');
streamsCrashTests('rabbitmq');
describeWith('rabbitmq', 'RabbitMQ is killed', () => brokerKilledTest('streams', '4.0', 2, 150));
