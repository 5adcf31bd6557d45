import { setTimeout } from 'node:timers/promises';
import { ownFleet } from '../../../../scripts/services/borrow.ts';
import type { Fleet } from '../../../../scripts/services/fleet.ts';
import { administered } from '../../../../scripts/services/kafka-admin.ts';
import { kafkaCluster } from '../../../../scripts/services/kafka-cluster.ts';
import type { Service } from '../../../../scripts/services/service.ts';
import { lentCluster } from '../../src/transports/kafka/kafkajs/lent-cluster.ts';
import { quietKafka } from './kafka.ts';

const POLL_MS = 100;
const PATIENCE_MS = 60_000;

/** A Kafka of three brokers of one test: every topic is on all of them, and two must have what is acknowledged. */
export class ThreeBrokers implements AsyncDisposable {
  /** The addresses of all of them. */
  readonly url: string;
  /** Their numbers. */
  readonly nodes = [1, 2, 3] as const;
  readonly #fleet: Fleet;
  readonly #services: readonly Service[];

  private constructor(fleet: Fleet, services: readonly Service[], urls: readonly string[]) {
    this.#fleet = fleet;
    this.#services = services;
    this.url = urls.join(',');
  }

  static async start(): Promise<ThreeBrokers> {
    const [fleet, services] = [await ownFleet(), await kafkaCluster('own-kafka')];
    try {
      return new ThreeBrokers(fleet, services, await Promise.all(services.map((service) => fleet.up(service))));
    } catch (error) {
      await fleet.dissolve();
      throw error;
    }
  }

  /** Ends one: with SIGTERM it hands over what it leads before it goes, with SIGKILL nobody is told. Resolves once it is gone. */
  async end(node: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#fleet.kill(this.#of(node).name, signal);
  }

  /** Starts it again, and resolves once it has caught up with all that it missed: until then the death of another would stop writes. */
  async restart(node: number): Promise<void> {
    await this.#fleet.up(this.#of(node));
    await until(`broker ${node} has caught up`, async () => {
      const { topics } = await administered(quietKafka(this.url), (admin) => admin.fetchTopicMetadata());
      return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
    });
  }

  /** The number of the broker that coordinates a group. */
  async coordinatorOf(groupId: string): Promise<number> {
    const cluster = lentCluster(quietKafka(this.url), groupId);
    try {
      await cluster.connect();
      return numberOf(await cluster.findGroupCoordinator({ groupId }));
    } finally {
      await cluster.disconnect();
    }
  }

  /** The numbers of the brokers that lead partitions of a topic. */
  async leadersOf(topic: string): Promise<ReadonlySet<number>> {
    const { topics } = await administered(quietKafka(this.url), (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return new Set(topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader)));
  }

  /** How many records a group has passed, as its coordinator knows. */
  async passed(groupId: string, topic: string): Promise<number> {
    const [offsets] = await administered(quietKafka(this.url), (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    return offsets?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.dissolve();
  }

  #of(node: number): Service {
    return this.#services[node - 1] as Service;
  }
}

/** Looks until it holds; who is asked may be dying, or not know it yet. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadlineMs) throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s`);
    await setTimeout(POLL_MS);
  }
}

/** Of the interface to kafkajs, which has no need of it. */
function numberOf(broker: unknown): number {
  return (broker as { readonly nodeId: number }).nodeId;
}
