import { SemelError } from '../../../core/errors.ts';
import type { GroupOffset, GroupPlace, GroupRecord } from '../kafka-client.ts';
import { metadataOf, readStableOffsets } from './group-offset-requests.ts';
import { isEviction, isUnstable } from './kafkajs-error.ts';
import type { Broker, Cluster } from './library.ts';

const TRIES = 20;
const RETRY_MS = 50;

/** A group's offsets by kafkajs, whose own request for them does not wait for open transactions. */
export class KafkajsGroupRecord implements GroupRecord {
  readonly place: GroupPlace;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, place: GroupPlace) {
    this.#cluster = cluster;
    this.place = place;
  }

  async read(partitions: readonly number[]): Promise<ReadonlyMap<number, GroupOffset>> {
    const { topicId } = this.place;
    const found = await this.#readStable(partitions);
    const own = found.filter(({ metadata, offset }) => metadata.startsWith(topicId) && offset >= 0n);
    return new Map(own.map(({ partition, offset, metadata }) => [partition, { offset, note: metadata.slice(topicId.length) }]));
  }

  async write(offsets: ReadonlyMap<number, GroupOffset>): Promise<boolean> {
    const { group: groupId, memberId, generation: groupGenerationId, topic } = this.place;
    const partitions = [...offsets].map(([partition, at]) => ({ partition, offset: String(at.offset), metadata: metadataOf(this.place, at) }));
    try {
      await (await this.#coordinator()).offsetCommit({ groupId, memberId, groupGenerationId, topics: [{ topic, partitions }] });
      return true;
    } catch (error) {
      if (isEviction(error)) return false;
      throw error;
    }
  }

  async #readStable(partitions: readonly number[]): ReturnType<typeof readStableOffsets> {
    for (let tries = 1; ; tries++) {
      try {
        return await readStableOffsets(await this.#coordinator(), this.place, partitions);
      } catch (error) {
        if (!isUnstable(error)) throw error;
        if (tries === TRIES) throw stillOpen(this.place, error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #coordinator(): Promise<Broker> {
    return this.#cluster.findGroupCoordinator({ groupId: this.place.group });
  }
}

function stillOpen({ group, topic }: GroupPlace, cause: unknown): SemelError {
  return new SemelError(
    'store-unavailable',
    `kafka: a transaction is open that holds offsets of group ${group} in topic ${topic}: whoever had its partitions before may still commit. They are read once it has ended, or timed out`,
    { cause },
  );
}
