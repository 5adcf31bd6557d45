import { kafka } from './kafka.ts';
import { kafkaQuorum } from './kafka-quorum.ts';
import type { Service } from './service.ts';

/** Three copies of everything, of which two must have what is acknowledged; a node that is dead is found so in three seconds, and leads again what it led soon after it is back. */
const SETTINGS: Readonly<Record<string, string>> = {
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.replication.factor': '3',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'transaction.state.log.num.partitions': '3',
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'controller.quorum.election.timeout.ms': '500',
  'controller.quorum.fetch.timeout.ms': '1500',
  'replica.lag.time.max.ms': '3000',
  'leader.imbalance.check.interval.seconds': '5',
};

/** The three nodes of an Apache Kafka, each broker and controller. None answers alone, so they are started together. */
export async function kafkaCluster(name: string): Promise<readonly Service[]> {
  const quorum = await kafkaQuorum(3);
  return quorum.map(({ id }) => kafka(`${name}-${id}`, SETTINGS, { id, quorum }));
}
