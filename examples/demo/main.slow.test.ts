import { overBrokers } from './over-brokers-fixture.ts';

overBrokers(['kafka', 'sqs']);
