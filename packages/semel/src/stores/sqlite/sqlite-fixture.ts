import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Delivery, Failure } from '../../core/delivery.ts';
import { Lifecycle } from '../../core/lifecycle.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type { CommitOptions, ItemResult, Scope, Settlement, Subscription, Verdict, Work, WorkItem } from '../../core/store.ts';
import type { SqliteOptions } from './sqlite-options.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { SqliteTransaction } from './transaction-handle.ts';

/** For this folder's tests: a store on a real file in a folder of its own, with a clock that can be put forward. */
export class SqliteFixture implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'semel-sqlite-'));
  readonly path: string = join(this.folder, 'test.db');
  readonly lifecycle: Lifecycle = new Lifecycle();
  /** Added to the machine's clock. */
  aheadMs = 0;
  readonly #stores: SqliteStore[] = [];
  #units = 0;

  /** The context that every store of the fixture gets. */
  get context(): { readonly runtime: Runtime; readonly lifecycle: Lifecycle } {
    return { runtime: { ...systemRuntime, clock: { now: () => Date.now() + this.aheadMs } }, lifecycle: this.lifecycle };
  }

  /** Opens a store on the file. */
  async open(options: SqliteOptions = {}): Promise<SqliteStore> {
    const store = new SqliteStore(this.path, options);
    this.#stores.push(store);
    await store.open(this.context);
    return store;
  }

  /** A connection of a user's own. */
  raw(): DatabaseSync {
    return new DatabaseSync(this.path);
  }

  /** All rows of a query, read beside the store. */
  // biome-ignore lint/suspicious/noExplicitAny: only the writer of the query knows its columns.
  rows(sql: string): any[] {
    const database = this.raw();
    const rows = database.prepare(sql).all();
    database.close();
    return rows.map((row) => ({ ...row }));
  }

  /** Commits works for a consumer; what fails is settled as given. */
  commit(store: SqliteStore, works: readonly Work<SqliteTransaction>[], options: Partial<CommitOptions> = {}): Promise<readonly Verdict[]> {
    this.#units += 1;
    return store.commit(works, { unit: `unit-${this.#units}`, onFailure: () => undefined, ...options });
  }

  /** Publishes messages in one transaction. */
  async publish(store: SqliteStore, ...messages: readonly SealedMessage[]): Promise<void> {
    await this.commit(store, [business(async (scope) => void (await Promise.all(messages.map((message) => scope.stage(message)))))]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A sealed message of topic `orders`. */
export function sealed(id: string, parts: Partial<Message> & { readonly fingerprint?: string } = {}): SealedMessage {
  const { fingerprint = `print-of-${JSON.stringify(parts.data ?? 1)}`, ...rest } = parts;
  const message = { source: 'shop/orders', id, topic: 'orders', type: 'orders', time: '2026-01-01T00:00:00Z', headers: {}, data: 1, ...rest };
  return { message, json: JSON.stringify(message.data), fingerprint };
}

/** A subscription of topic `orders`. */
export function subscription(name: string, parts: Partial<Subscription> = {}): Subscription {
  return { name, kind: 'local', topic: 'orders', ordered: false, ...parts };
}

/** A work without items. */
export function business(run: (scope: Scope<SqliteTransaction>) => Promise<void> | void): Work<SqliteTransaction> {
  return {
    items: [],
    run: async (scope) => {
      await run(scope);
      return [];
    },
  };
}

/** The item of a delivery, with a record. */
export function itemOf(delivery: Delivery): WorkItem {
  const { content, receipt } = delivery;
  if (!('message' in content)) return { delivery, receipt };
  const { message, json = JSON.stringify(message.data), fingerprint = '' } = content;
  return { delivery, receipt, message, json, claim: { fingerprint } };
}

/** An item that came from outside. */
export function externalItem(message: SealedMessage, parts: Partial<Delivery> = {}): WorkItem {
  return itemOf({ topic: message.message.topic, content: { message: message.message, fingerprint: message.fingerprint }, receipt: { kind: 'external' }, attempt: 1, ...parts });
}

/** A work of one item. */
export function handling(item: WorkItem, run: (scope: Scope<SqliteTransaction>) => unknown = () => undefined): Work<SqliteTransaction> {
  return {
    items: [item],
    run: async (scope, fresh) => {
      const result = await run(scope);
      return fresh.map((): ItemResult => (result === undefined ? { ok: true } : { ok: true, result }));
    },
  };
}

/** A failed try. */
const FAILURE: Failure = { atMs: 1, attempt: 1, code: 'Error', message: 'no' };

/** Settlements for `onFailure`. */
export const retry = (afterMs: number, park = false): Settlement => ({ kind: 'retry', afterMs, failure: FAILURE, counted: true, park });
/** A settlement that buries. */
export const dead = (holdKey = false, reason = 'Error'): Settlement => ({ kind: 'dead', reason, failure: FAILURE, holdKey });
