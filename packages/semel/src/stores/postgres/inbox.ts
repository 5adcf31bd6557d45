import type { ImportedRecord, Inbox, InboxRecord } from '../../core/store.ts';
import { numberArray, textArray } from './driver.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { requireSubscription } from './subscriptions.ts';

/** Records imported by one statement. */
const BATCH = 5_000;

const IMPORT = `with imported as (
    insert into {s}.inbox (subscription_id, source, id, fingerprint, at_ms)
    select distinct on (source, id) $1::int, source, id, fingerprint, least(at_ms, {now}) from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as g (source, id, fingerprint, at_ms) order by source, id
    on conflict (subscription_id, source, id) do nothing returning 1
  ) select count(*)::int as imported from imported`;

/** {@link Inbox}: one row per (consumer, source, id). */
export class PostgresInbox implements Inbox {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async get(consumer: string, identity: { readonly source: string; readonly id: string }): Promise<InboxRecord | undefined> {
    const row = await this.#database.pool.get<{ state: 'done' | 'dead'; fingerprint: string; result: string | null; atMs: number }>(
      `select state, fingerprint, result, at_ms::float8 as "atMs" from {s}.inbox
        where subscription_id = (select subscription_id from {s}.subscriptions where name = $1) and source = $2 and id = $3`,
      consumer,
      identity.source,
      identity.id,
    );
    if (row === undefined) return undefined;
    const { state, fingerprint, result, atMs } = row;
    return result === null ? { state, fingerprint, atMs } : { state, fingerprint, atMs, result: JSON.parse(result) };
  }

  async import(consumer: string, records: readonly ImportedRecord[]): Promise<number> {
    return this.#database.quietly(async (connection) => {
      const { subscriptionId } = await requireSubscription(connection, consumer);
      let imported = 0;
      for (let at = 0; at < records.length; at += BATCH) {
        const batch = records.slice(at, at + BATCH);
        const column = (name: 'source' | 'id' | 'fingerprint') => textArray(batch.map((record) => record[name] ?? ''));
        const atMs = numberArray(batch.map((record) => record.atMs ?? null));
        const row = await connection.get<{ imported: number }>(IMPORT, subscriptionId, column('source'), column('id'), column('fingerprint'), atMs);
        imported += row?.imported ?? 0;
      }
      return imported;
    });
  }
}
