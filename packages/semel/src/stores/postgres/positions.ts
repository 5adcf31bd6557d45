import type { PartitionRow } from '../../core/partition-chain.ts';
import type { Positions, WorkItem } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { textArray } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { requireSubscription } from './subscriptions.ts';

export type { PartitionRow } from '../../core/partition-chain.ts';

/** {@link Positions}: a row per (consumer, partition). */
export class PostgresPositions implements Positions {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async acquire(
    consumer: string,
    partitions: readonly string[],
  ): Promise<readonly { readonly partition: string; readonly position: string | undefined; readonly epoch: number }[]> {
    return this.#database.quietly(async (connection) => {
      const { subscriptionId } = await requireSubscription(connection, consumer);
      const acquired = new Map<string, PartitionRow>();
      for (const row of await connection.all<PartitionRow>(ACQUIRE, subscriptionId, textArray([...new Set(partitions)].sort()))) acquired.set(row.partition, row);
      return partitions.map((partition) => ({ partition, position: acquired.get(partition)?.position ?? undefined, epoch: acquired.get(partition)?.epoch ?? 1 }));
    });
  }
}

const ACQUIRE = `insert into {s}.positions as p (subscription_id, partition, epoch) select $1, unnest($2::text[]), 1
  on conflict (subscription_id, partition) do update set epoch = p.epoch + 1 returning partition, position, epoch::float8 as epoch`;

/** The rows of the partitions that the items were read from, locked: an owner that has them is the owner until the end of the transaction. */
export async function partitionRows(connection: Connection, subscriptionId: number, items: readonly WorkItem[]): Promise<readonly PartitionRow[]> {
  const partitions = new Set(items.flatMap(({ receipt }) => (receipt.kind === 'position' ? [receipt.partition] : [])));
  if (partitions.size === 0) return [];
  const sql = 'select partition, position, epoch::float8 as epoch from {s}.positions where subscription_id = $1 and partition = any($2::text[]) order by partition for update';
  return connection.all<PartitionRow>(sql, subscriptionId, textArray(partitions));
}
