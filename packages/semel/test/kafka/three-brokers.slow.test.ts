import { join } from 'node:path';
import { expect, test } from 'vitest';
import { administered } from '../../../../scripts/services/kafka-admin.ts';
import { BrokerCrew } from '../broker-crash/crew.ts';
import { type Killable, killBroker } from '../broker-crash/kill-broker.ts';
import { describeWith } from '../services/describe-with.ts';
import { database, postgresUrl } from '../services/postgres.ts';
import { aTopic, quietKafka } from './kafka.ts';
import { ThreeBrokers, until } from './three-brokers.ts';

const KILLS = Number(process.env['KAFKA_KILLS'] ?? 10);
const SEED = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const GROUP = 'billing/book';
/** So that there is work while brokers come and go, which takes some twelve seconds each time. */
const PACE = { orders: (kills: number) => kills * 500, paceMs: 25 };

/** Kills whoever coordinates the group, and leads some of its partitions; then lets the two that are left show that they do both. */
function coordinatorOf(brokers: ThreeBrokers, topic: string): Killable {
  let killed = 0;
  return {
    crash: async () => {
      killed = await brokers.coordinatorOf(GROUP);
      await brokers.end(killed, 'SIGKILL');
      await othersTakeOver(brokers, topic, killed);
    },
    restart: () => brokers.restart(killed),
  };
}

/** Stops one after another, as who changes their settings does. */
function eachInTurn(brokers: ThreeBrokers, topic: string): Killable {
  let turn = 0;
  const current = () => brokers.nodes[turn % brokers.nodes.length] as number;
  return {
    crash: async () => {
      await brokers.end(current(), 'SIGTERM');
      await othersTakeOver(brokers, topic, current());
    },
    restart: async () => {
      await brokers.restart(current());
      turn++;
    },
  };
}

async function othersTakeOver(brokers: ThreeBrokers, topic: string, gone: number): Promise<void> {
  await until('another broker coordinates the group', async () => (await brokers.coordinatorOf(GROUP)) !== gone);
  await until('others lead its partitions', async () => !(await brokers.leadersOf(topic)).has(gone));
  let before: number | undefined;
  await until('the group goes on', async () => {
    const passed = await brokers.passed(GROUP, topic);
    before ??= passed;
    return passed > before;
  });
}

interface Run {
  readonly module: 'kafkajs' | 'librdkafka';
  readonly store: string;
  readonly kills: number;
  readonly killing: typeof coordinatorOf;
}

async function survives({ module, store, kills, killing }: Run): Promise<void> {
  await using brokers = await ThreeBrokers.start();
  const topic = await aTopic(quietKafka(brokers.url), 6);
  expect((await administered(quietKafka(brokers.url), (admin) => admin.fetchTopicMetadata({ topics: [topic] }))).topics[0]?.partitions[0]?.replicas).toHaveLength(3);
  const plan = { module: join(import.meta.dirname, `${module}-broker.ts`), address: brokers.url, topic, store, orders: PACE.orders(kills), paceMs: PACE.paceMs };
  await using crew = await BrokerCrew.gather(plan);
  await killBroker(crew, killing(brokers, topic), { kills, seed: SEED });
}

describeWith('kafka', 'Kafka with three brokers', () => {
  for (const module of ['kafkajs', 'librdkafka'] as const) {
    test(`${module}: the broker that coordinates the group is killed ${KILLS} times under load: every message has one effect, keys are in order (seed ${SEED})`, () =>
      survives({ module, store: 'sqlite', kills: KILLS, killing: coordinatorOf }));
  }

  test.skipIf(postgresUrl === undefined)(
    `a rolling restart, each broker twice, with the effects in Postgres: every message has one effect, keys are in order (seed ${SEED})`,
    async () => {
      await using db = await database();
      await survives({ module: 'kafkajs', store: db.url, kills: 6, killing: eachInTurn });
    },
  );
});
