import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { writableFolder } from './folders.ts';
import { type KafkaQuorum, kafkaQuorum } from './kafka-quorum.ts';
import { mavenRelease } from './maven-release.ts';
import { launch } from './process.ts';
import type { Server, Service, Site } from './service.ts';
import { programOf } from './system-program.ts';
import { unprivileged } from './unprivileged.ts';

const VERSION = '4.3.1';
const ARTIFACTS = [`org.apache.kafka:kafka_2.13:${VERSION}`, 'org.slf4j:slf4j-simple:1.7.36'] as const;
const CLUSTER = 'SemelTestCluster000001';
const ASK_MS = 2_000;
const FORMAT_MS = 60_000;
/** A small heap, and no compiler that takes long over what runs for seconds. */
const JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

/** Made for one machine and for tests: one copy of everything, short sessions, and a broker that comes back soon. */
const SETTINGS: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'auto.create.topics.enable': 'false',
  'default.replication.factor': '1',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.session.timeout.ms': '6000',
  'group.consumer.min.heartbeat.interval.ms': '500',
  'group.consumer.heartbeat.interval.ms': '1000',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  'log.retention.check.interval.ms': '1000',
  'broker.session.timeout.ms': '1500',
  'broker.heartbeat.interval.ms': '300',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'background.threads': '2',
  'num.recovery.threads.per.data.dir': '2',
  'log.cleaner.threads': '1',
  'log.cleaner.dedupe.buffer.size': '8388608',
};

/** What a node of a cluster is told besides its settings. */
interface Membership {
  readonly id: number;
  readonly quorum: KafkaQuorum;
}

/** One Apache Kafka, broker and controller in one process; its address is `host:port`. It is alone, unless it is told to which quorum it belongs. */
export function kafka(name: string, settings: Readonly<Record<string, string>> = {}, membership?: Membership): Service {
  return { name, needs: [], stopSignal: 'SIGKILL', start: (site) => start(settings, membership, site), ask };
}

/** Resolves where the cluster answers, and knows its controller. */
async function ask(url: string): Promise<void> {
  const admin = new Kafka({ brokers: [url], logLevel: logLevel.NOTHING, connectionTimeout: ASK_MS, requestTimeout: ASK_MS, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    await admin.describeCluster();
  } finally {
    await admin.disconnect();
  }
}

async function start(settings: Readonly<Record<string, string>>, membership: Membership | undefined, { folder, cache, port }: Site): Promise<Server> {
  const java = await programOf('java', 'default-jre-headless');
  const options = [...JVM, '-cp', join(await mavenRelease(`kafka-${VERSION}`, ARTIFACTS, cache), '*')];
  const data = writableFolder(join(folder, 'data'));
  const configuration = join(folder, 'server.properties');
  if (!existsSync(join(data, 'meta.properties'))) {
    const { id, quorum } = membership ?? { id: 1, quorum: await kafkaQuorum(1) };
    writeFileSync(configuration, propertiesOf({ ...SETTINGS, ...settings, ...addresses(port, id, quorum), 'log.dirs': data }));
    await format(java, options, configuration, folder, quorum);
  }
  return { pid: launch(java, [...options, 'kafka.Kafka', configuration], folder), url: `127.0.0.1:${port}` };
}

/** The controllers' ports are written into the data, so the settings stay what they were at the first start. */
async function format(java: string, options: readonly string[], configuration: string, folder: string, quorum: KafkaQuorum): Promise<void> {
  const voters = quorum.map(({ id, port, directory }) => `${id}@127.0.0.1:${port}:${directory}`).join(',');
  const command = [...options, 'kafka.tools.StorageTool', 'format', '--initial-controllers', voters, '--cluster-id', CLUSTER, '--config', configuration];
  await promisify(execFile)(java, command, { timeout: FORMAT_MS, cwd: folder, ...unprivileged() });
}

function addresses(port: number, node: number, quorum: KafkaQuorum): Readonly<Record<string, string>> {
  const controllers = quorum.map((controller) => `127.0.0.1:${controller.port}`);
  const listeners = `PLAINTEXT://127.0.0.1:${port},CONTROLLER://${controllers[node - 1]}`;
  return { 'node.id': String(node), listeners, 'advertised.listeners': listeners, 'controller.quorum.bootstrap.servers': controllers.join(',') };
}

function propertiesOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
