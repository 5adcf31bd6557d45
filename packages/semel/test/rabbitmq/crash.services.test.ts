import { crashTests } from './crash-tests.ts';

crashTests('rabbitmq');
