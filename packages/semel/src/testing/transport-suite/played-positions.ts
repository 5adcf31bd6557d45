import type { AcquiredPartition } from '../../core/acquired-partition.ts';
import type { Receipt } from '../../core/delivery.ts';

/** The positions of a store, as a transport sees them: a new epoch for each owner, and steps that form a chain. */
export class PlayedPositions {
  readonly #records = new Map<string, AcquiredPartition & { readonly inHand: boolean }>();
  #epoch = 0;

  acquire(consumer: string, partitions: readonly string[]): readonly AcquiredPartition[] {
    return partitions.map((partition) => {
      const before = this.#records.get(`${consumer}\n${partition}`);
      const crashes = (before?.crashes ?? 0) + (before?.inHand ? 1 : 0);
      const record = { partition, position: before?.position, epoch: ++this.#epoch, crashes };
      this.#records.set(`${consumer}\n${partition}`, { ...record, inHand: true });
      return record;
    });
  }

  release(consumer: string, partitions: readonly { readonly partition: string; readonly epoch: number }[]): void {
    for (const { partition, epoch } of partitions) {
      const key = `${consumer}\n${partition}`;
      const record = this.#records.get(key);
      if (record?.epoch === epoch) this.#records.set(key, { ...record, inHand: false });
    }
  }

  position(consumer: string, partition: string): string | undefined {
    return this.#records.get(`${consumer}\n${partition}`)?.position;
  }

  /** Whether the step was its owner's next one; then it is taken. */
  advance(consumer: string, receipt: Receipt): boolean {
    if (receipt.kind !== 'position') return true;
    const key = `${consumer}\n${receipt.partition}`;
    const record = this.#records.get(key);
    const follows = record !== undefined && record.epoch === receipt.epoch && (record.position === undefined || record.position === receipt.from);
    if (follows) this.#records.set(key, { ...record, position: receipt.to, crashes: 0 });
    return follows;
  }
}
