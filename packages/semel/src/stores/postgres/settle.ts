import { SemelError } from '../../core/errors.ts';
import { advancesOf } from '../../core/partition-chain.ts';
import type { Entry } from '../../core/session.ts';
import type { ItemReceipt, Settlement, WorkItem } from '../../core/store.ts';
import { historyOf, sealedOf } from '../../core/stored-message.ts';
import { ALONG_INDEXES, off } from './bounds.ts';
import { type Connection, inOrder } from './connection.ts';
import { bury } from './dead-letters.ts';
import { identityArrays, numberArray, textArray } from './driver.ts';
import type { Inspection } from './inspect.ts';
import { addRow, byFence, LANES } from './queue-rows.ts';
import { failing } from './sql.ts';
import { keepMessage } from './stage.ts';

/**
 * Writes what became of the items of one transaction.
 * Rejects where rows are another's by now, which cannot be after the inspection under the same lock; the transaction is over then
 */
export async function settleEntries(connection: Connection, inspection: Inspection, inspected: readonly WorkItem[], entries: readonly Entry[]): Promise<void> {
  await new Settling(connection, inspection).write(inspected, entries);
}

/** The records that were written in advance, of items that were not done. What comes after it in the transaction are statements of the store's alone. */
export async function unclaim(connection: Connection, { subscription, claimed }: Inspection, kept: ReadonlySet<WorkItem>): Promise<void> {
  const items = [...claimed].filter((item) => !kept.has(item));
  if (items.length === 0) return;
  const identities = identityArrays(items.map(({ message }) => message));
  await inOrder([connection.all(`select ${off(...ALONG_INDEXES)}`), connection.all(UNCLAIM, subscription.subscriptionId, ...identities)]);
}

/** Each is looked up by its identity: the planner knows nothing yet of an inbox that was empty a minute ago, and would walk all of it. */
const UNCLAIM = `delete from {s}.inbox where state = 'done' and ctid = any(array(
    select r.row from unnest($2::text[], $3::text[]) as g (source, id) cross join lateral (
      select ctid as row from {s}.inbox where subscription_id = $1 and source = g.source and id = g.id limit 1) r))`;

class Settling {
  readonly #connection: Connection;
  readonly #inspection: Inspection;
  /** Items whose record stays. */
  readonly #recorded = new Set<WorkItem>();
  readonly #results: { readonly item: WorkItem; readonly json: string }[] = [];
  /** Queue rows that are through. */
  readonly #finished: ItemReceipt[] = [];
  /** All that leaves its lease. */
  readonly #leaving: ItemReceipt[] = [];
  /** Items of a log that need not come again. */
  readonly #passed = new Set<WorkItem>();

  constructor(connection: Connection, inspection: Inspection) {
    this.#connection = connection;
    this.#inspection = inspection;
  }

  async write(inspected: readonly WorkItem[], entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.kind === 'done') this.#done(entry);
      else await (entry.kind === 'park' ? this.#park(entry.item, { dueMs: null, attempts: entry.item.delivery.attempt - 1 }) : this.#settle(entry.item, entry.settlement));
    }
    await inOrder([...this.#endTurns(), this.#recordResults(), unclaim(this.#connection, this.#inspection, this.#recorded), ...this.#advances(inspected)]);
  }

  #done(entry: Extract<Entry, { readonly kind: 'done' }>): void {
    const { item, result, recorded } = entry;
    if (recorded) this.#recorded.add(item);
    const json = recorded && result !== undefined ? JSON.stringify(result) : undefined;
    if (json !== undefined) this.#results.push({ item, json });
    this.#finish(item);
  }

  #settle(item: WorkItem, settlement: Settlement): Promise<void> {
    return settlement.kind === 'dead' ? this.#dead(item, settlement) : this.#retry(item, settlement);
  }

  #finish(item: WorkItem): void {
    const { receipt } = item;
    if (receipt.kind === 'position') this.#passed.add(item);
    if (receipt.kind !== 'item') return;
    this.#finished.push(receipt);
    this.#leaving.push(receipt);
  }

  async #retry(item: WorkItem, settlement: Extract<Settlement, { kind: 'retry' }>): Promise<void> {
    const afterMs = Math.ceil(settlement.afterMs);
    const attempts = settlement.counted ? item.delivery.attempt : item.delivery.attempt - 1;
    const history = historyOf(item, settlement.failure);
    if (item.receipt.kind === 'item') return this.#moveRow(item.receipt, RETRY, attempts, history, afterMs);
    if (settlement.park) await this.#park(item, { dueMs: (await this.#nowMs()) + afterMs, attempts, history });
  }

  async #dead(item: WorkItem, settlement: Extract<Settlement, { kind: 'dead' }>): Promise<void> {
    const deadLetterId = await bury(this.#connection, this.#inspection.subscription, item, settlement);
    this.#recorded.add(item);
    if (!settlement.holdKey || this.#keyOf(item) === null) return this.#finish(item);
    if (item.receipt.kind === 'item') return this.#moveRow(item.receipt, HOLD, deadLetterId);
    await this.#add(item, { dueMs: null, deadLetterId });
    this.#finish(item);
  }

  /** Keeps a message that its transport will not bring again. Where its identity is another payload's it dies of that. */
  async #park(item: WorkItem, row: { readonly dueMs: number | null; readonly attempts: number; readonly history?: string }): Promise<void> {
    if (!(await this.#add(item, row))) {
      const text = 'it cannot be kept for a retry: its id belongs to another payload';
      const failure = { atMs: await this.#nowMs(), attempt: item.delivery.attempt, code: 'identity-conflict', message: text };
      await bury(this.#connection, this.#inspection.subscription, item, { kind: 'dead', reason: 'identity-conflict', failure, holdKey: false });
      this.#recorded.add(item);
    }
    this.#finish(item);
  }

  async #add(item: WorkItem, row: { readonly dueMs: number | null; readonly attempts?: number; readonly history?: string; readonly deadLetterId?: number }): Promise<boolean> {
    const sealed = sealedOf(item);
    const message = sealed && (await keepMessage(this.#connection, sealed));
    if (message === undefined) return false;
    const history = item.delivery.history === undefined ? undefined : JSON.stringify(item.delivery.history);
    const { subscriptionId } = this.#inspection.subscription;
    await addRow(this.#connection, { subscriptionId, message, key: this.#keyOf(item), ...(history === undefined ? {} : { history }), ...row });
    return true;
  }

  /** A row that stays leaves its lease: committed once more, after a lost reply, it is not this owner's to run or to remove (trap 19). */
  async #moveRow(receipt: ItemReceipt, sql: string, ...values: readonly (string | number)[]): Promise<void> {
    this.#leaving.push(receipt);
    expect((await this.#connection.all(sql, this.#inspection.subscription.subscriptionId, receipt.item, ...values)).length, 1);
  }

  /** Removes what is through, and takes it, and what has moved, out of its lease: a statement for each lease. */
  #endTurns(): readonly Promise<unknown>[] {
    const finished = byFence(this.#finished);
    return [...byFence(this.#leaving)].map(([fence, leaving]) => {
      const through = finished.get(fence) ?? [];
      const isWhole = this.#inspection.leases.get(fence) === leaving.length;
      const { subscriptionId } = this.#inspection.subscription;
      const values = [subscriptionId, numberArray(through), fence, through.length, ...(isWhole ? [] : [numberArray(leaving)])];
      return this.#connection.all(isWhole ? END_LEASE : END_PART, ...values);
    });
  }

  async #recordResults(): Promise<void> {
    if (this.#results.length === 0) return;
    const identities = identityArrays(this.#results.map(({ item }) => item.message));
    await this.#connection.all(RESULTS, this.#inspection.subscription.subscriptionId, ...identities, textArray(this.#results.map(({ json }) => json)));
  }

  #advances(inspected: readonly WorkItem[]): readonly Promise<unknown>[] {
    if (this.#passed.size === 0) return [];
    const stored = new Map(this.#inspection.partitions.map(({ partition, position }) => [partition, position]));
    return advancesOf(inspected, this.#passed, (name) => stored.get(name) ?? null).map(({ partition, epoch, to }) =>
      this.#connection.all(ADVANCE, this.#inspection.subscription.subscriptionId, partition, epoch, to, stored.get(partition) ?? null),
    );
  }

  async #nowMs(): Promise<number> {
    return (await this.#connection.get<{ now: number }>('select {now}::float8 as now'))?.now ?? 0;
  }

  #keyOf({ message }: WorkItem): string | null {
    return this.#inspection.subscription.ordered ? (message?.key ?? null) : null;
  }
}

const LEASED = `subscription_id = $1 and lane = any('{${LANES.ready},${LANES.suspect}}')`;

/** Arrays are handed over as sub-selects: the planner does not look into them, so one plan does for every call. */
const REMOVED = `removed as (delete from {s}.queue where ${LEASED} and seq = any((select $2::bigint[])::bigint[]) returning 1)`;

/** Another number of rows than was to be changed is an error (trap 11); the statement itself fails, for COMMIT may be on its way behind it. */
const orFail = (changed: string, expected: string) =>
  `select case when count(*) = ${expected} then 0 else ${failing('rows of another owner by now, among ', 'count(*)')} end from ${changed}`;

const END_LEASE = `with ${REMOVED}, ended as (delete from {s}.leases where lease_id = $3::bigint) ${orFail('removed', '$4::int')}`;

const END_PART = `with ${REMOVED}, shrunk as (
    update {s}.leases set seqs = array(select unnest(seqs) except select unnest($5::bigint[])), until_ms = greatest(until_ms, {now} + lease_ms) where lease_id = $3::bigint
  ) ${orFail('removed', '$4::int')}`;

const RETRY = `update {s}.queue set lane = ${LANES.later}, attempts = $3::int, history = $4, due_at_ms = {now} + $5::bigint where ${LEASED} and seq = $2::bigint returning seq::float8`;

const HOLD = `update {s}.queue set lane = ${LANES.held}, dead_letter_id = $3::bigint where ${LEASED} and seq = $2::bigint returning seq::float8`;

const RESULTS = `update {s}.inbox i set result = g.result from unnest($2::text[], $3::text[], $4::text[]) as g (source, id, result)
  where i.subscription_id = $1 and i.source = g.source and i.id = g.id`;

const ADVANCE = `with advanced as (
    update {s}.positions set position = $4, crashes = 0 where subscription_id = $1 and partition = $2 and epoch = $3::bigint and position is not distinct from $5::text returning partition
  ) ${orFail('advanced', '1')}`;

/** Another number of rows than was to be changed is an error (trap 11). */
function expect(changed: number, expected: number): void {
  if (changed !== expected) throw new SemelError('lease-lost', `${expected - changed} of ${expected} rows are another owner's by now`);
}
