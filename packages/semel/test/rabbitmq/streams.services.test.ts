import { streamsCrashTests } from './streams-crash-tests.ts';
import { streamsSuite } from './streams-suite.ts';
import { streamsTests } from './streams-tests.ts';

streamsSuite('rabbitmq', 'structured');
streamsTests('rabbitmq');
streamsCrashTests('rabbitmq');
