import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import { type Entry, type ItemState, type OpenScope, RefusedBefore, type Session, type StageMode } from '../../core/session.ts';
import type { CommitOptions, Work, WorkItem } from '../../core/store.ts';
import { BEGUN, BOUNDS, boundsOf } from './bounds.ts';
import { type Connection, inOrder, OwnStatements } from './connection.ts';
import { type DriverTransaction, type Loan, Opening } from './driver.ts';
import { type Inspection, inspectItems } from './inspect.ts';
import { begin, type PostgresDatabase } from './postgres-database.ts';
import { settleEntries, unclaim } from './settle.ts';
import { DELAYED, findConflict, isIdentityRefusal, type Staged, writeMessages, writeOrFail } from './stage.ts';
import { commitUnknown, MARK, type TransactionMark, type UnresolvedUnits } from './unresolved-units.ts';

/** One transaction on a connection of its own, as `commitGroup` drives it. */
export class PostgresSession<Tx> implements Session<Tx> {
  readonly #database: PostgresDatabase<Tx>;
  readonly #options: CommitOptions;
  readonly #hasItems: boolean;
  readonly #units: UnresolvedUnits;
  #transaction: OpenTransaction<Tx> | undefined;

  /** @param hasItems whether the works have messages; those of a business transaction have none, and are inspected by nobody */
  constructor(database: PostgresDatabase<Tx>, options: CommitOptions, hasItems: boolean, units: UnresolvedUnits) {
    this.#database = database;
    this.#options = options;
    this.#hasItems = hasItems;
    this.#units = units;
  }

  async begin(unit: string): Promise<void> {
    const { driver, sql, settings } = this.#database;
    const own = await begin(driver, settings.isolation);
    const transaction: OpenTransaction<Tx> = {
      unit,
      own,
      connection: new OwnStatements(own, sql),
      deferred: [],
      sent: [],
      items: [],
      inspection: undefined,
      mark: undefined,
      settled: false,
      staged: false,
      delayed: true,
      sole: false,
    };
    this.#transaction = transaction;
    transaction.connection.all(BOUNDS, ...boundsOf(settings)).catch(() => {}); // goes out with the next statement, which fails with it
    if (this.#hasItems) return;
    try {
      const begun = await transaction.connection.get<TransactionMark & { readonly delayed: boolean }>(`select ${MARK}, ${DELAYED}, ${BEGUN}`);
      transaction.mark = begun;
      transaction.delayed = begun?.delayed ?? true;
    } catch (error) {
      await this.rollback(); // or the pool would never get its connection back
      throw error;
    }
  }

  async inspect(items: readonly WorkItem[]): Promise<readonly ItemState[]> {
    const transaction = this.#open;
    const inspection = await inspectItems(transaction.connection, this.#options.subscription ?? '', items);
    transaction.items = items;
    transaction.inspection = inspection;
    transaction.mark = inspection.xid === undefined ? undefined : { xid: inspection.xid };
    transaction.delayed = inspection.delayed;
    return inspection.states;
  }

  open(mode: StageMode): OpenScope<Tx> {
    const transaction = this.#open;
    const { own, connection, deferred } = transaction;
    transaction.sole = mode === 'sole';
    const alone = mode !== 'deferred' || !this.#options.concurrent;
    return new PostgresScope(own.lend({ savepoints: alone }), async (staged) => {
      transaction.staged = true;
      if (mode !== 'immediate') deferred.push(staged);
      else await writeMessages(connection, [staged], transaction.delayed);
    });
  }

  async savepoint(): Promise<void> {
    await this.#open.connection.all('savepoint semel_work');
  }

  async releaseSavepoint(): Promise<void> {
    await this.#open.connection.all('release savepoint semel_work');
  }

  async rollbackToSavepoint(): Promise<void> {
    const { connection } = this.#open;
    await Promise.all([connection.all('rollback to savepoint semel_work'), connection.all('release savepoint semel_work')]);
  }

  async flush(): Promise<void> {
    const { connection, deferred, delayed } = this.#open;
    this.#send(writeOrFail(connection, deferred, delayed));
  }

  async settle(entries: readonly Entry[]): Promise<void> {
    const transaction = this.#open;
    transaction.settled = true;
    const plain = entries.every(({ kind }) => kind === 'done'); // whose statements are all sent now
    if (!plain) await inOrder(transaction.sent);
    this.#send(settleEntries(transaction.connection, this.#inspection, transaction.items, entries));
    if (!plain) await inOrder(transaction.sent);
  }

  async commit(): Promise<void> {
    const transaction = this.#open;
    const { unit, own, connection, inspection, mark, settled, staged, sent, sole, deferred } = transaction;
    if (inspection !== undefined && !settled) this.#send(unclaim(connection, inspection, new Set()));
    try {
      await own.commit();
    } catch (error) {
      if (error instanceof SemelError && error.code === 'commit-unknown') {
        this.#units.add(unit, mark);
        throw commitUnknown(error.cause, unit);
      }
      await inOrder(sent).catch(async (cause: unknown) => {
        const conflict = sole && isIdentityRefusal(cause) ? await findConflict(this.#database.pool, deferred) : undefined;
        throw new RefusedBefore(conflict ?? cause, conflict !== undefined);
      });
      throw error;
    }
    this.#transaction = undefined;
    this.#units.committed(unit);
    if (staged) this.#database.published();
  }

  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await transaction?.own.rollback();
  }

  /** COMMIT goes out behind it without a wait; a statement that fails leaves nothing to be committed. */
  #send(statements: Promise<unknown>): void {
    statements.catch(() => {}); // asked for its reason by whoever finds the transaction ended
    this.#open.sent.push(statements);
  }

  get #open(): OpenTransaction<Tx> {
    if (this.#transaction === undefined) throw new SemelError('transaction-over', 'the transaction is over');
    return this.#transaction;
  }

  get #inspection(): Inspection {
    const { inspection } = this.#open;
    if (inspection === undefined) throw new SemelError('transaction-over', 'the transaction was not inspected');
    return inspection;
  }
}

interface OpenTransaction<Tx> {
  readonly unit: string;
  readonly own: DriverTransaction<Tx>;
  readonly connection: Connection;
  readonly deferred: Staged[];
  /** What was sent at the end, and not waited for. */
  readonly sent: Promise<unknown>[];
  items: readonly WorkItem[];
  inspection: Inspection | undefined;
  mark: TransactionMark | undefined;
  settled: boolean;
  staged: boolean;
  /** Messages waited for their time when it began. */
  delayed: boolean;
  /** Its work is alone. */
  sole: boolean;
}

/** The work, with its scope's `tx` waited for where the library takes a moment to make it. */
export function onceOpen<Tx>(work: Work<Tx>): Work<Tx> {
  return {
    items: work.items,
    run(scope, fresh) {
      const { opening } = scope as PostgresScope<Tx>;
      return opening === undefined ? work.run(scope, fresh) : opening.then(() => work.run(scope, fresh));
    },
  };
}

/** What one work sees. */
class PostgresScope<Tx> implements OpenScope<Tx> {
  tx!: Tx;
  /** Until it resolves there is no `tx`. */
  readonly opening: Promise<void> | undefined;
  readonly #loan: Loan<Tx>;
  readonly #write: (staged: Staged) => Promise<void>;

  constructor(loan: Loan<Tx>, write: (staged: Staged) => Promise<void>) {
    if (loan.tx instanceof Opening) this.opening = this.#open(loan.tx);
    else this.tx = loan.tx;
    this.#loan = loan;
    this.#write = write;
  }

  async #open({ tx }: Opening<Tx>): Promise<void> {
    this.tx = await tx;
  }

  async stage(sealed: SealedMessage, options?: { readonly notBeforeMs?: number }): Promise<void> {
    this.#loan.check();
    await this.#write(options?.notBeforeMs === undefined ? { sealed } : { sealed, notBeforeMs: options.notBeforeMs });
  }

  revoke(): void {
    this.#loan.revoke();
  }

  verify(): void | Promise<void> {
    return this.#loan.verify();
  }
}
