import type { Receipt } from '../../core/delivery.ts';

type Acquired = { readonly partition: string; readonly position: string | undefined; readonly epoch: number };

/** The positions of a store, as a transport sees them: a new epoch for each owner, and steps that form a chain. */
export class PlayedPositions {
  readonly #records = new Map<string, Acquired>();
  #epoch = 0;

  acquire(consumer: string, partitions: readonly string[]): readonly Acquired[] {
    return partitions.map((partition) => {
      const record = { partition, position: this.position(consumer, partition), epoch: ++this.#epoch };
      this.#records.set(`${consumer}\n${partition}`, record);
      return record;
    });
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
    if (follows) this.#records.set(key, { ...record, position: receipt.to });
    return follows;
  }
}
