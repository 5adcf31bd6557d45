import type { Positions } from '../../core/store.ts';
import type { MemoryState } from './memory-state.ts';

/** How far the consumers of a {@link MemoryState} have read. */
export function memoryPositions(state: MemoryState): Positions {
  return {
    acquire: (consumer, partitions) =>
      state.lock.run(() =>
        partitions.map((partition) => {
          const records = state.partitions(consumer);
          const record = { position: records.get(partition)?.position, epoch: state.nextNumber() };
          records.set(partition, record);
          return { partition, ...record };
        }),
      ),
  };
}
