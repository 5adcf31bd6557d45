import { serverKilledTest } from './server-killed-test.ts';

serverKilledTest(5);
