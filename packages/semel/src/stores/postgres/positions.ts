import type { AcquiredPartition } from '../../core/acquired-partition.ts';
import type { PartitionRow } from '../../core/partition-chain.ts';
import type { Positions, WorkItem } from '../../core/store.ts';
import type { Connection } from './connection.ts';
import { numberArray, textArray } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { requireSubscription } from './subscriptions.ts';

export type { PartitionRow } from '../../core/partition-chain.ts';

/** {@link Positions}: a row per (consumer, partition). */
export class PostgresPositions implements Positions {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async acquire(consumer: string, partitions: readonly string[]): Promise<readonly AcquiredPartition[]> {
    return this.#database.quietly(async (connection) => {
      const { subscriptionId } = await requireSubscription(connection, consumer);
      const rows = await connection.all<PartitionRow & { readonly crashes: number }>(ACQUIRE, subscriptionId, textArray([...new Set(partitions)].sort()));
      const acquired = new Map(rows.map((row) => [row.partition, row]));
      return partitions.map((partition) => {
        const row = acquired.get(partition);
        return { partition, position: row?.position ?? undefined, epoch: row?.epoch ?? 1, crashes: row?.crashes ?? 0 };
      });
    });
  }

  async release(consumer: string, partitions: readonly { readonly partition: string; readonly epoch: number }[]): Promise<void> {
    await this.#database.quietly(async (connection) => {
      const { subscriptionId } = await requireSubscription(connection, consumer);
      const given = [...partitions].sort((a, b) => (a.partition < b.partition ? -1 : 1));
      await connection.all(RELEASE, subscriptionId, textArray(given.map(({ partition }) => partition)), numberArray(given.map(({ epoch }) => epoch)));
    });
  }
}

/** In the order of their names, so that two who take some over at once do not wait for one another in a circle. */
const ACQUIRE = `insert into {s}.positions as p (subscription_id, partition, epoch, in_hand) select $1, unnest($2::text[]), 1, true
  on conflict (subscription_id, partition) do update set epoch = p.epoch + 1, crashes = p.crashes + p.in_hand::int, in_hand = true
  returning partition, position, epoch::float8 as epoch, crashes`;

const RELEASE = `with given as materialized (
    select p.partition from {s}.positions p join unnest($2::text[], $3::bigint[]) as g (partition, epoch) on g.partition = p.partition and g.epoch = p.epoch
    where p.subscription_id = $1 order by p.partition for update of p
  ) update {s}.positions set in_hand = false where subscription_id = $1 and partition in (select partition from given)`;

/** The rows of the partitions that the items were read from, locked: an owner that has them is the owner until the end of the transaction. */
export async function partitionRows(connection: Connection, subscriptionId: number, items: readonly WorkItem[]): Promise<readonly PartitionRow[]> {
  const partitions = new Set(items.flatMap(({ receipt }) => (receipt.kind === 'position' ? [receipt.partition] : [])));
  if (partitions.size === 0) return [];
  const sql = 'select partition, position, epoch::float8 as epoch from {s}.positions where subscription_id = $1 and partition = any($2::text[]) order by partition for update';
  return connection.all<PartitionRow>(sql, subscriptionId, textArray(partitions));
}
