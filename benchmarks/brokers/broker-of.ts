import type { Job } from '../processes/program.ts';
import type { BrokerName } from '../servers/servers.ts';
import type { Broker } from './broker.ts';

/** Each is loaded where it is measured, for its client takes memory. */
const CLIENTS: Readonly<Partial<Record<BrokerName, (job: Job) => Promise<Broker>>>> = {
  kafka: async (job) => new (await import('./kafka.ts')).KafkaBroker(job),
  rabbitmq: async (job) => new (await import('./rabbitmq.ts')).RabbitmqBroker(job),
  sqs: async (job) => new (await import('./sqs.ts')).SqsBroker(job),
};

/** What a job's orders go through. */
export async function brokerOf(job: Job): Promise<Broker> {
  const open = job.broker && CLIENTS[job.broker.name];
  if (open === undefined) throw new Error('error: the job has no broker that orders go through');
  return open(job);
}
