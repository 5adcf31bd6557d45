import type { Store } from '../../../core/store.ts';
import { Opening } from '../driver.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import type { QueryClient } from '../transaction-handle.ts';
import { type HandleClient, openWith } from './handle-client.ts';
import { PgDriver, type PgPool } from './pg.ts';

/** An instance of Kysely, as far as Semel needs it. */
export interface KyselyInstance<Transaction> {
  transaction(): { execute<Result>(use: (tx: Transaction) => Promise<Result>): Promise<Result> };
}

/** What a transaction of Kysely can do besides. */
interface KyselyTransaction {
  readonly isTransaction?: boolean;
  withoutPlugins(): { getExecutor(): { executeQuery(query: object): Promise<{ readonly rows: object[] }> } };
}

/**
 * A store on a pool of pg, whose handlers write with Kysely: their `tx` is its `Transaction`, typed with your schema. Semel begins and commits. The
 * pool stays yours to end.
 *
 * @param make an instance on the pool it is given, which lends the one connection of a handler; called for each handler, so let it do no more than that
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const kysely = (pool: Pool) => new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
 * const semel = createSemel({ name: 'shop', store: fromKysely(pool, kysely) });
 */
export function fromKysely<Pool extends PgPool, Transaction>(pool: Pool, make: (pool: Pool) => KyselyInstance<Transaction>, options: PostgresOptions = {}): Store<Transaction> {
  const lending = (client: HandleClient) => ({ connect: async () => client, options: {} }) as unknown as Pool;
  const driver = new PgDriver<Transaction>(pool, {
    name: 'kysely',
    bind: (handle) => ({ tx: new Opening(openWith(handle, (client, use) => make(lending(client)).transaction().execute(use))) }),
    clientOf: kyselyClient,
  });
  return new PostgresStore(driver, 'fromKysely', options);
}

/** Runs statements in a transaction that the user opened with Kysely, whichever copy of it. */
export function kyselyClient(tx: unknown): QueryClient | undefined {
  const transaction = (tx ?? {}) as KyselyTransaction;
  if (transaction.isTransaction !== true) return undefined;
  const executor = transaction.withoutPlugins().getExecutor(); // a plugin may rename columns
  return {
    async query({ text, values = [] }) {
      const { rows } = await executor.executeQuery({ sql: text, parameters: values, query: { kind: 'RawNode', sqlFragments: [text], parameters: [] }, queryId: {} });
      return { rows, rowCount: null, command: '' };
    },
  };
}
