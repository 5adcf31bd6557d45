import type { Cluster, Kafkajs } from './library.ts';

/**
 * A cluster of kafkajs's own, not connected yet. Its consumer is not used: it cannot wait before it joins a group again or reads on, it sets back in silence to
 * the end of a log what is out of range, and one failing partition ends it for all.
 */
export function lentCluster(kafka: Kafkajs, group: string): Cluster {
  let lent: unknown;
  kafka.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        lent = cluster;
        return { name: 'semel', version: 0, assign: async () => [], protocol: () => ({ name: 'semel', metadata: Buffer.alloc(0) }) };
      },
    ],
  });
  return lent as Cluster;
}
