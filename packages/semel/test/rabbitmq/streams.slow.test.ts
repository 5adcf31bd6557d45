import { streamsCrashTests } from './streams-crash-tests.ts';
import { streamsSuite } from './streams-suite.ts';
import { streamsTests } from './streams-tests.ts';

streamsSuite('rabbitmq-3', 'binary');
streamsTests('rabbitmq-3');
streamsCrashTests('rabbitmq-3');
