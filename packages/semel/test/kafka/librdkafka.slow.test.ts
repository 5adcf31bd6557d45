import { join } from 'node:path';
import { kafka } from 'semel/kafka';
import { transportSuite } from 'semel/testing';
import { expect, test } from 'vitest';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { killAtRandom } from '../broker-crash/kill-at-random.ts';
import { describeWith } from '../services/describe-with.ts';
import { aTopic, kafkaUrl, quietKafka } from './kafka.ts';
import { builtLibrdkafka, librdkafkaClient } from './librdkafka.ts';
import { logTests } from './log-tests.ts';

const QUICK = { sessionTimeoutMs: 2_000, heartbeatMs: 100 } as const;
const administrator = quietKafka();
const folder = kafkaUrl === undefined ? '' : await builtLibrdkafka();

describeWith('kafka', 'Kafka, by librdkafka', () => {
  logTests(() => librdkafkaClient(folder, kafkaUrl ?? ''), 10_000);

  for (const rebalance of ['eager', 'cooperative'] as const) {
    const transport = () => kafka(librdkafkaClient(folder, kafkaUrl ?? ''), { ...QUICK, rebalance });
    transportSuite({
      test,
      name: `librdkafka, ${rebalance}`,
      transport: transport(),
      create: async () => {
        const topic = await aTopic(administrator);
        const producer = administrator.producer();
        await producer.connect();
        return {
          transport: transport(),
          topic,
          inject: async (bytes, headers = {}) => void (await producer.send({ topic, messages: [{ value: Buffer.from(bytes), headers }] })),
          realTime: { leaseMs: 500, patienceMs: 4_000, quietMs: 1_500 },
          close: () => producer.disconnect(),
        };
      },
    });
  }

  const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  test(`trap 29: processes are killed at random, while the group rebalances cooperatively: one effect each, in order (seed ${seed})`, async () => {
    const plan = { module: join(import.meta.dirname, 'librdkafka-broker.ts'), address: kafkaUrl ?? '', topic: await aTopic(administrator), store: 'sqlite', orders: 300 };
    await using crew = await BrokerCrew.gather(plan);
    await killAtRandom(crew, { kills: 10, seed, roles: ['shop', 'billing', 'billing'] });
    for (const role of ['shop', 'billing', 'fragile'] as const) await crew.finish(role);
    expect(await crew.faults()).toEqual([]);
  });
});
