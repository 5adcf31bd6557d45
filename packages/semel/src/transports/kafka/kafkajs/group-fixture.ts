import { ByteWriter } from './bytes.ts';
import type { Broker, Cluster, FetchedPartition } from './library.ts';
import { encodeAssignment } from './range-assignment.ts';

const READ_COMMITTED = 1;

/** The error of a broker, as kafkajs has it. */
export function refusal(type: string, more: object = {}): Error {
  return Object.assign(new Error(type), { type, ...more });
}

/** A cluster of one broker that leads and coordinates everything, and does what a test says. Its member is always assigned every partition. */
export class PlayedCluster {
  /** What was asked of it, in order. */
  readonly log: string[] = [];
  topicId = 'first-topic-0001';
  partitions = 2;
  /** What a heartbeat is answered; undefined where all is well. */
  beat: string | undefined;
  /** What a fetch from this offset brings; undefined: nothing for now. */
  fetch: (partition: number, offset: number) => FetchedPartition | Error | undefined = () => undefined;
  #generation = 0;

  get cluster(): Cluster {
    const broker = this.#broker;
    return {
      connect: async () => {},
      disconnect: async () => void this.log.push('disconnect'),
      addTargetTopic: async () => {},
      refreshMetadata: async () => {},
      refreshMetadataIfNecessary: async () => {},
      removeBroker: ({ host, port }) => void this.log.push(`remove ${host} at ${port}`),
      findBroker: async () => broker,
      findGroupCoordinator: async () => broker,
      findTopicPartitionMetadata: () => Array.from({ length: this.partitions }, (_, partitionId) => ({ partitionId, leader: 1 })),
      fetchTopicsOffset: async () => [{ partitions: Array.from({ length: this.partitions }, (_, partition) => ({ partition, offset: '0' })) }],
    };
  }

  get #broker(): Broker {
    return {
      versions: { 3: { maxVersion: 13 } },
      connectionPool: { send: async ({ response }) => response.parse(await response.decode(this.#described)) },
      joinGroup: async ({ memberId }) => {
        this.log.push(`join as ${memberId || 'nobody'}`);
        const isForgotten = this.beat === 'UNKNOWN_MEMBER_ID';
        this.beat = undefined;
        if (isForgotten) throw refusal('UNKNOWN_MEMBER_ID');
        this.#generation += 1;
        const given = memberId || `member-${this.#generation}`;
        return { memberId: given, leaderId: given, generationId: this.#generation, members: [{ memberId: given }] };
      },
      syncGroup: async () => ({
        memberAssignment: encodeAssignment(
          'orders',
          Array.from({ length: this.partitions }, (_, partition) => partition),
        ),
      }),
      heartbeat: async () => {
        if (this.beat !== undefined) throw refusal(this.beat);
      },
      leaveGroup: async ({ memberId }) => void this.log.push(`leave ${memberId}`),
      offsetCommit: async ({ memberId, groupGenerationId }) => void this.log.push(`commit as ${memberId} of generation ${groupGenerationId}`),
      offsetFetch: async () => ({ responses: [] }),
      fetch: async ({ topics, isolationLevel }) => {
        if (isolationLevel !== READ_COMMITTED) throw refusal('UNCOMMITTED_RECORDS');
        await new Promise((resolve) => setTimeout(resolve, 5));
        const brought = topics.flatMap(({ partitions }) => partitions.map(({ partition, fetchOffset }) => this.fetch(partition, Number(fetchOffset))));
        const error = brought.find((each) => each instanceof Error);
        if (error !== undefined) throw error;
        return { responses: [{ partitions: brought.filter((each): each is FetchedPartition => each !== undefined) }] };
      },
    };
  }

  /** The answer to a request for metadata. */
  get #described(): Buffer {
    const writer = new ByteWriter().varint(0).int32(0).varint(1).compactText('cluster').int32(1).varint(2);
    writer
      .int16(0)
      .compactText('orders')
      .raw(Buffer.from(this.topicId))
      .int8(0)
      .varint(this.partitions + 1);
    for (let partition = 0; partition < this.partitions; partition++) {
      writer.int16(0).int32(partition).int32(1).int32(0);
      for (let list = 0; list < 3; list++) writer.varint(2).int32(1);
      writer.varint(0);
    }
    return writer.int32(0).varint(0).varint(0).bytes;
  }
}

/** Records of these offsets, as a fetch brings them. */
export function fetchedFrom(partition: number, offsets: readonly number[]): FetchedPartition {
  const messages = offsets.map((offset) => ({ offset: `${offset}`, timestamp: '0', key: null, value: Buffer.from('{}') }));
  return { partition, messages };
}
