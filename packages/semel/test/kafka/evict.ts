import type { Kafka } from 'kafkajs';
import { administered } from '../../../../scripts/services/kafka-admin.ts';
import { lentCluster } from '../../src/transports/kafka/kafkajs/lent-cluster.ts';

/** Takes the place in the group from its first member, which is not told. */
export async function evict(kafka: Kafka, groupId: string, topic: string): Promise<void> {
  const [group] = (await administered(kafka, (admin) => admin.describeGroups([groupId]))).groups;
  const cluster = lentCluster(kafka, groupId);
  await cluster.connect();
  await cluster.addTargetTopic(topic);
  await (await cluster.findGroupCoordinator({ groupId })).leaveGroup({ groupId, memberId: group?.members[0]?.memberId ?? '' });
  await cluster.disconnect();
}
