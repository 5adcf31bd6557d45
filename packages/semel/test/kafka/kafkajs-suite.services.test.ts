import { kafka } from 'semel/kafka';
import { transportSuite } from 'semel/testing';
import { test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { aTopic, quietKafka } from './kafka.ts';

const client = quietKafka();
const QUICK = { sessionTimeoutMs: 2_000, heartbeatMs: 100 } as const;

describeWith('kafka', 'Kafka, by kafkajs', () => {
  for (const format of ['structured', 'binary'] as const) {
    transportSuite({
      test: (name, run) => void (format === 'structured' || name.includes('publish') ? test(name, run) : undefined),
      name: `kafkajs, ${format}`,
      transport: kafka(client, { ...QUICK, format }),
      create: async () => {
        const topic = await aTopic(client);
        const producer = client.producer();
        await producer.connect();
        return {
          transport: kafka(client, { ...QUICK, format }),
          topic,
          inject: async (bytes, headers = {}) => void (await producer.send({ topic, messages: [{ value: Buffer.from(bytes), headers }] })),
          realTime: { leaseMs: 500, patienceMs: 4_000, quietMs: 400 },
          close: () => producer.disconnect(),
        };
      },
    });
  }
});
