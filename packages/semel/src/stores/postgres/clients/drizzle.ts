import { SemelError } from '../../../core/errors.ts';
import type { Store } from '../../../core/store.ts';
import { Opening } from '../driver.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import type { QueryClient } from '../transaction-handle.ts';
import { openWith } from './handle-client.ts';
import { PgDriver, type PgPool } from './pg.ts';

/** A database of `drizzle-orm/node-postgres`, as far as Semel needs it. */
export interface DrizzleDatabase<Transaction> {
  readonly $client: object;
  readonly _: { readonly session: object };
  transaction<Result>(use: (tx: Transaction) => Promise<Result>): Promise<Result>;
}

/** Where Drizzle runs its transactions: on `client`, or on one of its connections where that is a pool. */
type DrizzleSession<Transaction> = Pick<DrizzleDatabase<Transaction>, 'transaction'>;

/**
 * A store on the pool of a Drizzle database of `drizzle-orm/node-postgres`; the handler's `tx` is its transaction, typed with your schema, and a
 * transaction within it is a savepoint. Semel begins and commits. The pool stays yours to end.
 *
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const db = drizzle(new Pool({ connectionString }), { schema });
 * const semel = createSemel({ name: 'shop', store: fromDrizzle(db) });
 */
export function fromDrizzle<Transaction>(db: DrizzleDatabase<Transaction>, options: PostgresOptions = {}): Store<Transaction> {
  const pool = db.$client as PgPool;
  if (typeof pool?.connect !== 'function' || 'processID' in pool) throw new SemelError('bad-option', 'fromDrizzle takes a database that was made with a Pool of pg');
  const sessionOn = (client: object): DrizzleSession<Transaction> => Object.create(db._.session, { client: { value: client } });
  const driver = new PgDriver<Transaction>(pool, {
    name: 'drizzle',
    bind: (handle) => ({ tx: new Opening(openWith(handle, (client, use) => sessionOn(client).transaction(use))) }),
    clientOf,
  });
  return new PostgresStore(driver, 'fromDrizzle', options);
}

function clientOf(tx: unknown): QueryClient | undefined {
  const transaction = (tx ?? {}) as { execute?(query: object): Promise<Awaited<ReturnType<QueryClient['query']>>>; readonly rollback?: unknown };
  if (typeof transaction.execute !== 'function' || typeof transaction.rollback !== 'function') return undefined;
  return { query: async ({ text, values = [] }) => transaction.execute?.({ getSQL: () => ({ toQuery: () => ({ sql: text, params: values }) }) }) as never };
}
