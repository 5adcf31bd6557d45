import type { MemberListener } from '../kafka-client.ts';
import { committedRecords } from './committed-records.ts';
import { isMoved, lostBrokerOf, outOfRangeOf } from './kafkajs-error.ts';
import type { Cluster, FetchedPartition } from './library.ts';

/** Who is told what the fetches bring. */
export type FetchListener = Pick<MemberListener, 'fetched' | 'outOfRange' | 'trouble'>;

/** A partition that is read. A new one stands for each `read`, so that what was asked for before is known as stale. */
interface Reading {
  readonly partition: number;
  offset: bigint;
}

const READ_COMMITTED = 1;
/** How long a broker holds a fetch back for records to come; so long a partition that resumes may wait. */
const MAX_WAIT_MS = 250;
const MAX_BYTES = 10_485_760;
const RETRY_BASE_MS = 100;
const RETRY_CAP_MS = 2_000;

/** Fetches what is to be read from the leaders of its partitions: one request at a time to each. */
export class PartitionFetcher {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #fetchBytes: number;
  readonly #listener: FetchListener;
  readonly #readings = new Map<number, Reading>();
  readonly #paused = new Set<number>();
  /** The leaders that have a request. */
  readonly #busy = new Set<number>();
  #failures = 0;
  #closed = false;

  constructor(cluster: Cluster, topic: string, fetchBytes: number, listener: FetchListener) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#fetchBytes = fetchBytes;
    this.#listener = listener;
  }

  read(partition: number, offset: bigint): void {
    this.#readings.set(partition, { partition, offset });
    this.#pump();
  }

  pause(partition: number, paused: boolean): void {
    if (paused) this.#paused.add(partition);
    else this.#paused.delete(partition);
    this.#pump();
  }

  /** They are not read any more, and not paused. */
  forget(partitions: Iterable<number>): void {
    for (const partition of partitions) {
      this.#readings.delete(partition);
      this.#paused.delete(partition);
    }
  }

  close(): void {
    this.#closed = true;
    this.#readings.clear();
  }

  #pump(): void {
    if (this.#closed) return;
    const leaders = new Map(this.#cluster.findTopicPartitionMetadata(this.#topic).map(({ partitionId, leader }) => [partitionId, leader]));
    const wanted = [...this.#readings.values()].filter(({ partition }) => !this.#paused.has(partition));
    for (const [leader, readings] of Map.groupBy(wanted, ({ partition }) => leaders.get(partition) ?? -1)) {
      if (this.#busy.has(leader)) continue;
      this.#busy.add(leader);
      void this.#fetchFrom(leader, readings).then(() => {
        this.#busy.delete(leader);
        this.#pump();
      });
    }
  }

  /** Never rejects. */
  async #fetchFrom(leader: number, readings: readonly Reading[]): Promise<void> {
    try {
      await this.#cluster.refreshMetadataIfNecessary();
      if (leader < 0) throw new Error(`the partitions ${readings.map(({ partition }) => partition)} of ${this.#topic} have no leader`);
      for (const group of this.#failures > 1 ? readings.map((reading) => [reading]) : [readings]) await this.#fetch(leader, group); // apart after a failure: one partition's must not hold the others up
      this.#failures = 0;
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #fetch(leader: number, readings: readonly Reading[]): Promise<void> {
    const broker = await this.#cluster.findBroker({ nodeId: leader });
    const partitions = readings.map(({ partition, offset }) => ({ partition, fetchOffset: String(offset), maxBytes: this.#fetchBytes }));
    try {
      const { responses } = await broker.fetch({
        isolationLevel: READ_COMMITTED,
        maxWaitTime: MAX_WAIT_MS,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        topics: [{ topic: this.#topic, partitions }],
      });
      const brought = new Map(responses.flatMap(({ partitions: each }) => each).map((each) => [each.partition, each]));
      for (const reading of readings) this.#take(reading, brought.get(reading.partition));
    } catch (error) {
      const reading = readings.find(({ partition }) => partition === outOfRangeOf(error));
      if (reading === undefined) throw error;
      if (this.#isCurrent(reading)) {
        this.#readings.delete(reading.partition);
        this.#listener.outOfRange(reading.partition, reading.offset);
      }
    }
  }

  #take(reading: Reading, brought: FetchedPartition | undefined): void {
    if (brought === undefined || !this.#isCurrent(reading) || this.#paused.has(reading.partition)) return;
    const fetch = committedRecords(brought, reading.offset);
    if (fetch.next === reading.offset) return;
    reading.offset = fetch.next;
    this.#listener.fetched(fetch);
  }

  /** Whether nobody has asked for another place since. */
  #isCurrent(reading: Reading): boolean {
    return this.#readings.get(reading.partition) === reading;
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#closed) return;
    const lost = lostBrokerOf(error);
    if (lost !== undefined) this.#cluster.removeBroker(lost); // or each try would end its dead connections once more, and leave a listener on their sockets
    if (!isMoved(error) || this.#failures > 2) this.#listener.trouble(error);
    const waitMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** this.#failures++);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (!this.#closed) await this.#cluster.refreshMetadata().catch(() => {});
  }
}
