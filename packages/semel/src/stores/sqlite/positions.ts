import type { AcquiredPartition } from '../../core/acquired-partition.ts';
import type { PartitionRow } from '../../core/partition-chain.ts';
import type { Positions, WorkItem } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { requireSubscription } from './subscriptions.ts';

/** {@link Positions}: a row per (consumer, partition). */
export class SqlitePositions implements Positions {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async acquire(consumer: string, partitions: readonly string[]): Promise<readonly AcquiredPartition[]> {
    return this.#file.transact((connection) => {
      const { subscriptionId } = requireSubscription(connection, consumer);
      return partitions.map((partition) => {
        const row = connection.get<PartitionRow & { readonly crashes: number }>(ACQUIRE, subscriptionId, partition);
        return { partition, position: row?.position ?? undefined, epoch: row?.epoch ?? 1, crashes: row?.crashes ?? 0 };
      });
    });
  }

  async release(consumer: string, partitions: readonly { readonly partition: string; readonly epoch: number }[]): Promise<void> {
    await this.#file.transact((connection) => {
      const { subscriptionId } = requireSubscription(connection, consumer);
      for (const { partition, epoch } of partitions) connection.run(RELEASE, subscriptionId, partition, epoch);
    });
  }
}

const ACQUIRE = `insert into semel_positions (subscription_id, partition, epoch, in_hand) values (?, ?, 1, 1)
  on conflict (subscription_id, partition) do update set epoch = epoch + 1, crashes = crashes + in_hand, in_hand = 1 returning partition, position, epoch, crashes`;

const RELEASE = 'update semel_positions set in_hand = 0 where subscription_id = ? and partition = ? and epoch = ?';

/** The rows of the partitions that the items were read from. */
export function partitionRows(connection: Connection, subscriptionId: number, items: readonly WorkItem[]): readonly PartitionRow[] {
  const partitions = new Set(items.flatMap(({ receipt }) => (receipt.kind === 'position' ? [receipt.partition] : [])));
  const sql = 'select partition, epoch, position from semel_positions where subscription_id = ? and partition = ?';
  return [...partitions].flatMap((partition) => connection.get<PartitionRow>(sql, subscriptionId, partition) ?? []);
}
