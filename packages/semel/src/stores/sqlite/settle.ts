import { SemelError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import { advancesOf } from '../../core/partition-chain.ts';
import type { Entry } from '../../core/session.ts';
import type { ItemReceipt, Settlement, WorkItem } from '../../core/store.ts';
import { fingerprintOf, historyOf, sealedOf } from '../../core/stored-message.ts';
import type { Connection, SqliteValue } from './connection.ts';
import { bury } from './dead-letters.ts';
import { promoteKeys } from './key-order.ts';
import { MultiRowInsert } from './multi-row.ts';
import { partitionRows } from './positions.ts';
import { addRow, byFence, HELD_MS } from './queue-rows.ts';
import { keepMessage } from './stage.ts';
import type { SubscriptionRow } from './subscriptions.ts';

const INSERT_DONE = new MultiRowInsert(
  'insert into semel_inbox (subscription_id, at_ms, state, source, id, fingerprint, result)',
  "(:subscriptionId, :nowMs, 'done', ?, ?, ?, ?)",
  4,
);

/**
 * Writes what became of the items of one transaction.
 * @throws SemelError `lease-lost` where a fence or an epoch is another's, which cannot be after the inspection under the same lock
 */
export function settleEntries(connection: Connection, subscription: SubscriptionRow, inspected: readonly WorkItem[], entries: readonly Entry[], nowMs: number): void {
  new Settling(connection, subscription, nowMs).write(inspected, entries);
}

class Settling {
  readonly #connection: Connection;
  readonly #subscription: SubscriptionRow;
  readonly #nowMs: number;
  readonly #records: SqliteValue[] = [];
  /** Queue rows that are through, and the keys that go on after them. */
  readonly #finished: ItemReceipt[] = [];
  readonly #keys: string[] = [];
  /** Items of a log that need not come again. */
  readonly #passed = new Set<WorkItem>();

  constructor(connection: Connection, subscription: SubscriptionRow, nowMs: number) {
    this.#connection = connection;
    this.#subscription = subscription;
    this.#nowMs = nowMs;
  }

  write(inspected: readonly WorkItem[], entries: readonly Entry[]): void {
    for (const entry of entries) this.#take(entry);
    const { subscriptionId } = this.#subscription;
    if (this.#records.length > 0) INSERT_DONE.run(this.#connection, { subscriptionId, nowMs: this.#nowMs }, this.#records);
    if (this.#finished.length > 0) this.#deleteFinished();
    if (this.#keys.length > 0) promoteKeys(this.#connection, subscriptionId, this.#keys);
    if (this.#passed.size > 0) this.#advance(inspected);
  }

  #take(entry: Entry): void {
    const { item } = entry;
    switch (entry.kind) {
      case 'done':
        if (entry.recorded && item.message)
          this.#records.push(item.message.source, item.message.id, fingerprintOf(item), (entry.result === undefined ? null : JSON.stringify(entry.result)) ?? null);
        return this.#finish(item);
      case 'park':
        this.#park(item, { dueMs: this.#nowMs, attempts: item.delivery.attempt - 1 });
        return this.#finish(item);
      case 'settlement':
        return entry.settlement.kind === 'dead' ? this.#dead(item, entry.settlement) : this.#retry(item, entry.settlement);
    }
  }

  #finish(item: WorkItem): void {
    const { receipt } = item;
    if (receipt.kind === 'position') this.#passed.add(item);
    if (receipt.kind !== 'item') return;
    this.#finished.push(receipt);
    const key = this.#keyOf(item.message);
    if (key !== null) this.#keys.push(key);
  }

  #retry(item: WorkItem, settlement: Extract<Settlement, { kind: 'retry' }>): void {
    const dueMs = this.#nowMs + Math.ceil(settlement.afterMs);
    const attempts = settlement.counted ? item.delivery.attempt : item.delivery.attempt - 1;
    const history = historyOf(item, settlement.failure);
    if (item.receipt.kind === 'item') return this.#changeRow(item.receipt, 'due_at_ms = ?, attempts = ?, history = ?', dueMs, attempts, history);
    if (!settlement.park) return;
    this.#park(item, { dueMs, attempts, history });
    this.#finish(item);
  }

  #dead(item: WorkItem, settlement: Extract<Settlement, { kind: 'dead' }>): void {
    const deadLetterId = bury(this.#connection, this.#subscription, item, settlement, this.#nowMs);
    if (!settlement.holdKey || this.#keyOf(item.message) === null) return this.#finish(item);
    if (item.receipt.kind === 'item') return this.#changeRow(item.receipt, 'due_at_ms = ?, dead_letter_id = ?', HELD_MS, deadLetterId);
    this.#add(item, { dueMs: HELD_MS, deadLetterId });
    this.#finish(item);
  }

  /** Keeps a message that its transport will not bring again. Where its identity is another payload's it dies of that. */
  #park(item: WorkItem, row: { readonly dueMs: number; readonly attempts: number; readonly history?: string }): void {
    if (this.#add(item, row)) return;
    const text = 'it cannot be kept for a retry: its id belongs to another payload';
    const failure = { atMs: this.#nowMs, attempt: item.delivery.attempt, code: 'identity-conflict', message: text };
    bury(this.#connection, this.#subscription, item, { kind: 'dead', reason: 'identity-conflict', failure, holdKey: false }, this.#nowMs);
  }

  #add(item: WorkItem, row: { readonly dueMs: number; readonly attempts?: number; readonly history?: string; readonly deadLetterId?: number }): boolean {
    const sealed = sealedOf(item);
    const seq = sealed && keepMessage(this.#connection, sealed, this.#nowMs);
    if (seq === undefined) return false;
    const history = item.delivery.history === undefined ? undefined : JSON.stringify(item.delivery.history);
    addRow(this.#connection, { subscriptionId: this.#subscription.subscriptionId, seq, key: this.#keyOf(item.message), ...(history === undefined ? {} : { history }), ...row });
    return true;
  }

  /** A row that stays gets a new fence: committed once more, after a lost reply, it is not this owner's to run or to remove (trap 19). */
  #changeRow(receipt: ItemReceipt, changes: string, ...values: readonly SqliteValue[]): void {
    const sql = `update semel_queue set ${changes}, lease_until_ms = null, suspect = 0, fence = fence + 1 where position = ? and fence = ? and subscription_id = ?`;
    expect(this.#connection.run(sql, ...values, receipt.item, receipt.fence, this.#subscription.subscriptionId), 1);
  }

  #deleteFinished(): void {
    for (const [fence, positions] of byFence(this.#finished)) {
      const sql = 'delete from semel_queue where subscription_id = ? and fence = ? and position in (select value from json_each(?))';
      expect(this.#connection.run(sql, this.#subscription.subscriptionId, fence, JSON.stringify(positions)), positions.length);
    }
  }

  #advance(inspected: readonly WorkItem[]): void {
    const { subscriptionId } = this.#subscription;
    const stored = new Map(partitionRows(this.#connection, subscriptionId, inspected).map(({ partition, position }) => [partition, position]));
    for (const { partition, epoch, to } of advancesOf(inspected, this.#passed, (name) => stored.get(name) ?? null)) {
      const sql = 'update semel_positions set position = ?, crashes = 0 where subscription_id = ? and partition = ? and epoch = ? and position is ?';
      expect(this.#connection.run(sql, to, subscriptionId, partition, epoch, stored.get(partition) ?? null), 1);
    }
  }

  #keyOf(message: Message | undefined): string | null {
    return this.#subscription.ordered === 1 ? (message?.key ?? null) : null;
  }
}

/** Zero rows changed under a fence is an error (trap 11). */
function expect(changed: number, expected: number): void {
  if (changed !== expected) throw new SemelError('lease-lost', `${expected - changed} of ${expected} rows are another owner's by now`);
}
