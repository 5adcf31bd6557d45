import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { Entry, ItemState, OpenScope, Session, StageMode } from '../../core/session.ts';
import type { CommitOptions, WorkItem } from '../../core/store.ts';
import type { CommittedUnits } from './committed-units.ts';
import type { Connection } from './connection.ts';
import { inspectItems } from './inspect.ts';
import { settleEntries } from './settle.ts';
import { isTrouble } from './sqlite-errors.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { type Staged, writeMessages } from './stage.ts';
import { requireSubscription, type SubscriptionRow } from './subscriptions.ts';
import { type SqliteTransaction, TransactionHandle, UserStatements } from './transaction-handle.ts';
import type { Writer } from './writer.ts';

/** One transaction on the writer, as `commitGroup` drives it. */
export class SqliteSession implements Session<SqliteTransaction> {
  readonly #file: SqliteFile;
  readonly #options: CommitOptions;
  readonly #units: CommittedUnits;
  readonly #writer: Writer;
  #transaction: OpenTransaction | undefined;
  #inDoubt = false;

  constructor(file: SqliteFile, options: CommitOptions, units: CommittedUnits) {
    this.#file = file;
    this.#writer = file.writer;
    this.#options = options;
    this.#units = units;
  }

  async begin(unit: string): Promise<void> {
    const connection = await this.#writer.begin();
    this.#inDoubt = false;
    this.#transaction = { unit, connection, statements: statementsOf(connection), deferred: [], items: [], subscription: undefined };
  }

  async inspect(items: readonly WorkItem[]): Promise<readonly ItemState[]> {
    const transaction = this.#open;
    transaction.items = items;
    return inspectItems(transaction.connection, this.#subscription(), items);
  }

  open(mode: StageMode): OpenScope<SqliteTransaction> {
    const { connection, statements, deferred } = this.#open;
    const alone = mode !== 'deferred' || !this.#options.concurrent;
    return new SqliteScope(new TransactionHandle(statements, { savepoints: alone }), (staged) => {
      if (mode === 'deferred') deferred.push(staged);
      else writeMessages(connection, [staged], this.#file.nowMs);
    });
  }

  async savepoint(): Promise<void> {
    this.#open.connection.run('savepoint semel_work');
  }

  async releaseSavepoint(): Promise<void> {
    this.#open.connection.run('release semel_work');
  }

  async rollbackToSavepoint(): Promise<void> {
    this.#open.connection.run('rollback to semel_work');
    this.#open.connection.run('release semel_work');
  }

  async flush(): Promise<void> {
    const { connection, deferred } = this.#open;
    writeMessages(connection, deferred, this.#file.nowMs);
    deferred.length = 0;
  }

  async settle(entries: readonly Entry[]): Promise<void> {
    const { connection, items } = this.#open;
    settleEntries(connection, this.#subscription(), items, entries, this.#file.nowMs);
  }

  async commit(): Promise<void> {
    const { unit } = this.#open;
    try {
      this.#writer.commit();
    } catch (error) {
      this.#inDoubt = isTrouble(error);
      throw error;
    }
    this.#transaction = undefined;
    this.#units.add(unit);
    this.#file.wake.notify();
  }

  async rollback(): Promise<void> {
    if (this.#transaction === undefined) return;
    this.#transaction = undefined;
    this.#writer.rollback(this.#inDoubt);
  }

  get #open(): OpenTransaction {
    if (this.#transaction === undefined) throw new SemelError('transaction-over', 'the transaction is over');
    return this.#transaction;
  }

  #subscription(): SubscriptionRow {
    const transaction = this.#open;
    transaction.subscription ??= requireSubscription(transaction.connection, this.#options.subscription ?? '');
    return transaction.subscription;
  }
}

interface OpenTransaction {
  readonly unit: string;
  readonly connection: Connection;
  readonly statements: UserStatements;
  readonly deferred: Staged[];
  items: readonly WorkItem[];
  subscription: SubscriptionRow | undefined;
}

/** What one work sees. */
class SqliteScope implements OpenScope<SqliteTransaction> {
  readonly tx: TransactionHandle;
  readonly #write: (staged: Staged) => void;

  constructor(tx: TransactionHandle, write: (staged: Staged) => void) {
    this.tx = tx;
    this.#write = write;
  }

  async stage(sealed: SealedMessage, options?: { readonly notBeforeMs?: number }): Promise<void> {
    this.tx.check();
    try {
      this.#write(options?.notBeforeMs === undefined ? { sealed } : { sealed, notBeforeMs: options.notBeforeMs });
    } catch (error) {
      throw this.tx.failed(error);
    }
  }

  revoke(): void {
    this.tx.revoke();
  }

  verify(): void {
    this.tx.verify();
  }
}

/** The users' statements live as long as their connection. */
const userStatements = new WeakMap<Connection, UserStatements>();

function statementsOf(connection: Connection): UserStatements {
  let statements = userStatements.get(connection);
  if (statements === undefined) {
    statements = new UserStatements(connection.database, connection.path);
    userStatements.set(connection, statements);
  }
  return statements;
}
