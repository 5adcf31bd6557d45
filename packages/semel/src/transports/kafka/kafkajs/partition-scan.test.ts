import { expect, test } from 'vitest';
import type { Cluster } from './library.ts';
import { scanPartition } from './partition-scan.ts';

const READ_COMMITTED = 1;

/** A broker whose partition has ten records, of which those from the seventh on are of an open transaction until the first fetch has found nothing of them. */
class PlayedBroker {
  readonly isolations: number[] = [];
  #open = true;

  async listOffsets({
    isolationLevel,
    topics: [of],
  }: {
    readonly isolationLevel: number;
    readonly topics: readonly { readonly partitions: readonly { readonly timestamp: number }[] }[];
  }) {
    const end = isolationLevel === READ_COMMITTED && this.#open ? 7 : 10;
    return { responses: [{ partitions: [{ offset: of?.partitions[0]?.timestamp === -2 ? '0' : String(end) }] }] };
  }

  async fetch({
    isolationLevel,
    topics: [of],
  }: {
    readonly isolationLevel: number;
    readonly topics: readonly { readonly partitions: readonly { readonly fetchOffset: string }[] }[];
  }) {
    this.isolations.push(isolationLevel);
    const from = Number(of?.partitions[0]?.fetchOffset);
    const end = isolationLevel === READ_COMMITTED && this.#open ? 7 : 10;
    if (from === 7) this.#open = false;
    const messages = Array.from({ length: Math.max(0, end - from) }, (_, index) => ({ offset: String(from + index), timestamp: '0', key: null, value: Buffer.from('{}') }));
    return { responses: [{ partitions: [{ partition: 0, messages }] }] };
  }
}

test('trap 29: reads committed records alone, up to the end of all of them: what is open there is waited for (KAFKA-10167)', async () => {
  const broker = new PlayedBroker();
  const nothing = async () => {};
  const cluster = {
    addTargetTopic: nothing,
    refreshMetadataIfNecessary: nothing,
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
    findBroker: async () => broker,
  };
  const offsets: bigint[] = [];
  for await (const records of scanPartition(cluster as unknown as Cluster, 'totals', 0)) offsets.push(...records.map(({ offset }) => offset));
  expect(offsets.map(Number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(new Set(broker.isolations)).toEqual(new Set([READ_COMMITTED]));
});
