import { overBrokers } from './over-brokers-fixture.ts';

overBrokers(['rabbitmq', 'sqs'], ['Postgres', 'SQLite']);
overBrokers(['kafka'], ['SQLite']);
