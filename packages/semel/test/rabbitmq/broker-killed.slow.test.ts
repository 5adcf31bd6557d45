import { describeWith } from '../services/describe-with.ts';
import { brokerKilledTest } from './broker-killed-test.ts';

const KILLS = Number(process.env['RABBITMQ_KILLS'] ?? 100);

describeWith('rabbitmq', 'RabbitMQ 4.0 is killed', () => {
  brokerKilledTest('queues', '4.0', KILLS, 3_000);
  brokerKilledTest('streams', '4.0', KILLS, 3_000);
});
describeWith('rabbitmq-3', 'RabbitMQ 3.10 is killed', () => {
  brokerKilledTest('queues', '3.10', KILLS, 3_000);
  brokerKilledTest('streams', '3.10', KILLS, 3_000);
});
