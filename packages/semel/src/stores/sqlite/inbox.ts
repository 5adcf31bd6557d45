import type { ImportedRecord, Inbox, InboxRecord } from '../../core/store.ts';
import { MultiRowInsert } from './multi-row.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { requireSubscription } from './subscriptions.ts';

const IMPORT = new MultiRowInsert(
  'insert into semel_inbox (subscription_id, at_ms, state, source, id, fingerprint)',
  "(:subscriptionId, min(coalesce(?, :nowMs), :nowMs), 'done', ?, ?, ?)",
  4,
  'on conflict (subscription_id, source, id) do nothing',
);

/** {@link Inbox}: one row per (consumer, source, id). */
export class SqliteInbox implements Inbox {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async get(consumer: string, identity: { readonly source: string; readonly id: string }): Promise<InboxRecord | undefined> {
    const row = this.#file.reader.get<{ state: 'done' | 'dead'; fingerprint: string; result: string | null; atMs: number }>(
      `select state, fingerprint, result, at_ms as atMs from semel_inbox
        where subscription_id = (select subscription_id from semel_subscriptions where name = ?) and source = ? and id = ?`,
      consumer,
      identity.source,
      identity.id,
    );
    if (row === undefined) return undefined;
    const { state, fingerprint, result, atMs } = row;
    return result === null ? { state, fingerprint, atMs } : { state, fingerprint, atMs, result: JSON.parse(result) };
  }

  async import(consumer: string, records: readonly ImportedRecord[]): Promise<number> {
    const values = records.flatMap(({ source, id, fingerprint = '', atMs }) => [atMs ?? null, source, id, fingerprint]);
    return this.#file.transact((connection) => {
      const { subscriptionId } = requireSubscription(connection, consumer);
      return IMPORT.run(connection, { subscriptionId, nowMs: this.#file.nowMs }, values);
    });
  }
}
