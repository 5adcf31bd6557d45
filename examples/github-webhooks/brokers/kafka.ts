import { Kafka, logLevel } from 'kafkajs';
import { kafka } from 'semel/kafka';
import { deliveries } from '../service.ts';
import type { Broker } from './broker.ts';

/** The most workers that can be at it at once. */
const PARTITIONS = 4;
/** As the leases of this example: shorter than the default, for here workers are killed on purpose. */
const SESSION = { sessionTimeoutMs: 2_000, heartbeatMs: 400 };

/** A Kafka: a repository's deliveries are in one partition. */
export function kafkaBroker(address: string): Broker {
  const client = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  return {
    transport: kafka(client, SESSION),
    prepare: async () => {
      const admin = client.admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: deliveries.name, numPartitions: PARTITIONS }], waitForLeaders: true });
      await admin.disconnect();
    },
  };
}
