import type { Positions } from '../../core/store.ts';
import type { MemoryAccess } from './memory-access.ts';

/** How far the consumers of a store in memory have read. */
export function memoryPositions({ state, write }: MemoryAccess): Positions {
  return {
    acquire: (consumer, partitions) =>
      write(() =>
        partitions.map((partition) => {
          const records = state.partitions(consumer);
          const record = { position: records.get(partition)?.position, epoch: state.nextNumber() };
          records.set(partition, record);
          return { partition, ...record };
        }),
      ),
  };
}
