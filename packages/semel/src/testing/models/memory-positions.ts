import type { Positions } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';

/** How far the consumers of a store in memory have read. */
export function memoryPositions({ state, write }: MemoryAccess): Positions {
  return {
    acquire: (consumer, partitions) =>
      write(() =>
        partitions.map((partition) => {
          const records = state.partitions(consumer);
          const before = records.get(partition);
          const crashes = (before?.crashes ?? 0) + (before?.inHand ? 1 : 0);
          const record = { position: before?.position, epoch: state.nextNumber(), inHand: true, crashes };
          records.set(partition, record);
          return { partition, position: record.position, epoch: record.epoch, crashes };
        }),
      ),
    release: (consumer, partitions) =>
      write(() => {
        for (const { partition, epoch } of partitions) {
          const record = state.partitions(consumer).get(partition);
          if (record?.epoch === epoch) record.inHand = false;
        }
      }),
  };
}
