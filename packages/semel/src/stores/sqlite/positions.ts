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

  async acquire(
    consumer: string,
    partitions: readonly string[],
  ): Promise<readonly { readonly partition: string; readonly position: string | undefined; readonly epoch: number }[]> {
    return this.#file.transact((connection) => {
      const { subscriptionId } = requireSubscription(connection, consumer);
      return partitions.map((partition) => {
        const row = connection.get<{ position: string | null; epoch: number }>(ACQUIRE, subscriptionId, partition);
        return { partition, position: row?.position ?? undefined, epoch: row?.epoch ?? 1 };
      });
    });
  }
}

const ACQUIRE = `insert into semel_positions (subscription_id, partition, epoch) values (?, ?, 1)
  on conflict (subscription_id, partition) do update set epoch = epoch + 1 returning position, epoch`;

/** The rows of the partitions that the items were read from. */
export function partitionRows(connection: Connection, subscriptionId: number, items: readonly WorkItem[]): readonly PartitionRow[] {
  const partitions = new Set(items.flatMap(({ receipt }) => (receipt.kind === 'position' ? [receipt.partition] : [])));
  const sql = 'select partition, epoch, position from semel_positions where subscription_id = ? and partition = ?';
  return [...partitions].flatMap((partition) => connection.get<PartitionRow>(sql, subscriptionId, partition) ?? []);
}
