import type { Positions } from '../../core/store.ts';
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
