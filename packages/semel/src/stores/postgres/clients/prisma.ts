import { SemelError } from '../../../core/errors.ts';
import type { Store } from '../../../core/store.ts';
import type { Driver, DriverTransaction, Isolation, Loan, SqlRunner, SqlValue } from '../driver.ts';
import { isAborted, isRefusal, translateOwn } from '../postgres-errors.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import { type PostgresQuery, TransactionHandle } from '../transaction-handle.ts';
import { commitUnknown } from '../unresolved-units.ts';
import { within } from '../within.ts';
import { guarded } from './prisma-guard.ts';

interface RawClient {
  $queryRawUnsafe(text: string, ...values: SqlValue[]): PromiseLike<unknown>;
}

/** A client of Prisma, as far as Semel needs it. */
export interface PrismaDatabase<Tx> extends RawClient {
  $transaction<Result>(body: (tx: Tx) => Promise<Result>, options?: PrismaTransactionOptions): Promise<Result>;
}

/** How Prisma is to run a transaction. */
export interface PrismaTransactionOptions {
  readonly isolationLevel?: (typeof ISOLATION_LEVELS)[Isolation];
  readonly maxWait?: number;
  readonly timeout?: number;
}

const ISOLATION_LEVELS = { 'read committed': 'ReadCommitted', 'repeatable read': 'RepeatableRead', serializable: 'Serializable' } as const;

/** A connection must come within `maxWait`; how long the transaction may last is Semel's to say, and the server's. */
const BOUNDS = { maxWait: 10_000, timeout: 2 ** 31 - 1 } as const;
const ROLLBACK_MS = 2_000;

/**
 * A store on a client of Prisma 7; the handler's `tx` is the client that Prisma gives in an interactive transaction. Prisma begins and commits
 * at Semel's word, and cannot listen: other processes find new messages by polling. The client stays yours to disconnect.
 *
 * @param prisma for the primary: no extension may send queries to a replica
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: fromPrisma(prisma) });
 */
export function fromPrisma<Tx extends object>(prisma: PrismaDatabase<Tx>, options: PostgresOptions = {}): Store<Tx> {
  return new PostgresStore(new PrismaDriver(prisma), 'fromPrisma', options);
}

/** Prisma must own its transactions: each waits inside its callback until it is told how to end. */
class PrismaDriver<Tx extends object> implements Driver<Tx> {
  readonly name = 'prisma';
  readonly size: undefined;
  readonly pool: SqlRunner;
  readonly #prisma: PrismaDatabase<Tx>;

  constructor(prisma: PrismaDatabase<Tx>) {
    this.#prisma = prisma;
    this.pool = runnerOn(prisma);
  }

  begin(isolation: Isolation): Promise<DriverTransaction<Tx>> {
    const begun = Promise.withResolvers<DriverTransaction<Tx>>();
    const end = Promise.withResolvers<void>();
    const ended: Promise<void> = this.#prisma.$transaction(
      (tx) => {
        begun.resolve(new PrismaTransaction(tx, end, ended));
        return end.promise;
      },
      { ...BOUNDS, isolationLevel: ISOLATION_LEVELS[isolation] },
    );
    ended.catch(begun.reject);
    return begun.promise;
  }

  /** Nothing that Semel sends through Prisma outlives its transaction. */
  async isPooled(): Promise<boolean> {
    return false;
  }

  runnerOf(tx: unknown): SqlRunner | undefined {
    return typeof (tx as RawClient | null | undefined)?.$queryRawUnsafe === 'function' ? runnerOn(tx as RawClient) : undefined;
  }
}

class PrismaTransaction<Tx extends object> implements DriverTransaction<Tx> {
  readonly #tx: Tx;
  readonly #runner: SqlRunner;
  readonly #end: PromiseWithResolvers<void>;
  readonly #ended: Promise<void>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(tx: Tx, end: PromiseWithResolvers<void>, ended: Promise<void>) {
    this.#tx = tx;
    this.#runner = runnerOn(tx as Tx & RawClient);
    this.#end = end;
    this.#ended = ended;
  }

  /** One at a time: Prisma keeps no order among several. */
  query<Row>(text: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    const answer = this.#last.then(() => this.#runner.query<Row>(text, values));
    this.#last = answer.catch(() => {});
    return answer;
  }

  lend(options: { readonly savepoints: boolean }): Loan<Tx> {
    const query = async ({ text }: PostgresQuery) => ({ rows: [...(await this.query(text, []))], rowCount: null, command: '' });
    const handle = new TransactionHandle({ query }, options);
    return { tx: guarded(this.#tx, handle), check: () => handle.check(), revoke: () => handle.revoke(), verify: () => handle.verify() };
  }

  /** Prisma resolves also where COMMIT was answered with ROLLBACK (trap 43): the statement before it fails then. */
  async commit(): Promise<void> {
    await this.query('select 1', []).catch((error: unknown) => {
      throw isAborted(error) ? new SemelError('transaction-ended', 'a failed statement had ended the transaction', { cause: error }) : translateOwn(error);
    });
    this.#end.resolve();
    await this.#ended.catch((error: unknown) => {
      throw isRefusal(error) ? translateOwn(error) : commitUnknown(error);
    });
  }

  async rollback(): Promise<void> {
    this.#end.reject(new Error('rolled back by Semel'));
    await within(
      ROLLBACK_MS,
      this.#ended.catch(() => {}),
    );
  }
}

function runnerOn(client: RawClient): SqlRunner {
  return { query: async <Row>(text: string, values: readonly SqlValue[]) => (await client.$queryRawUnsafe(text, ...values)) as readonly Row[] };
}
