import { type KafkaOptions, kafka } from 'semel/kafka';
import { transportSuite } from 'semel/testing';
import { test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { aTopic, quietKafka } from './kafka.ts';

const client = quietKafka();
const QUICK = { sessionTimeoutMs: 2_000, heartbeatMs: 100 } as const;
const WAYS: Readonly<Record<string, KafkaOptions>> = { structured: {}, binary: { format: 'binary' }, 'in transactions': { transactional: true } };

describeWith('kafka', 'Kafka, by kafkajs', () => {
  for (const [name, options] of Object.entries(WAYS)) {
    transportSuite({
      test: (title, run) => void (name === 'structured' || title.includes('publish') ? test(title, run) : undefined),
      name: `kafkajs, ${name}`,
      transport: kafka(client, { ...QUICK, ...options }),
      create: async () => {
        const topic = await aTopic(client);
        const producer = client.producer();
        await producer.connect();
        return {
          transport: kafka(client, { ...QUICK, ...options }),
          topic,
          inject: async (bytes, headers = {}) => void (await producer.send({ topic, messages: [{ value: Buffer.from(bytes), headers }] })),
          realTime: { leaseMs: 500, patienceMs: 4_000, quietMs: 400 },
          close: () => producer.disconnect(),
        };
      },
    });
  }
});
