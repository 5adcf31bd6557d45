import type { Store } from '../../../core/store.ts';
import { Opening } from '../driver.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import type { QueryClient } from '../transaction-handle.ts';
import { lentClient, openWith, refuseToEnd } from './handle-client.ts';
import { type PgClient, PgDriver, type PgPool } from './pg.ts';

/** An instance of Knex for pg, as far as Semel needs it. */
export interface KnexInstance<Transaction> {
  // biome-ignore lint/suspicious/noExplicitAny: Knex declares it so.
  readonly client: any;
  transaction<Result>(use: (tx: Transaction) => Promise<Result>, config: { readonly connection: object }): Promise<Result>;
}

/** What an instance, and a transaction, has for its client. */
interface KnexClient {
  readonly pool?: { readonly max?: number };
  acquireConnection(): Promise<Omit<PgClient, 'release'> & { __knex__disposed?: unknown }>;
  releaseConnection(connection: object): Promise<void>;
}

/**
 * A store on the connections of Knex for pg; the handler's `tx` is its transaction, and a transaction within it is a savepoint. Semel begins and
 * commits, so `commit` and `rollback` of `tx` are refused (`transaction-control`). The instance stays yours to destroy.
 *
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: fromKnex(knex({ client: 'pg', connection })) });
 */
export function fromKnex<Transaction extends object>(knex: KnexInstance<Transaction>, options: PostgresOptions = {}): Store<Transaction> {
  const open = (use: (tx: Transaction) => Promise<never>, connection: object) =>
    knex.transaction((tx) => use(Object.assign(tx, { commit: refuseToEnd, rollback: refuseToEnd })), { connection });
  const driver = new PgDriver<Transaction>(poolOf(knex.client), {
    name: 'knex',
    sizeOption: 'pool.max',
    bind: (handle) => ({ tx: new Opening(openWith(handle, (client, use) => open(use, client))) }),
    clientOf,
  });
  return new PostgresStore(driver, 'fromKnex', options);
}

/** Connections as Knex lends them. */
function poolOf(client: KnexClient): PgPool {
  return {
    get options() {
      return client.pool?.max === undefined ? {} : { max: client.pool.max };
    },
    async connect() {
      const connection = await client.acquireConnection();
      return lentClient(connection, (destroy) => {
        if (destroy) connection.__knex__disposed ??= 'Semel is in doubt about it'; // the pool closes it before it would lend it again
        void client.releaseConnection(connection);
      });
    },
  };
}

function clientOf(tx: unknown): QueryClient | undefined {
  const { isTransaction, isCompleted, client } = (tx ?? {}) as { readonly isTransaction?: boolean; isCompleted?(): boolean; readonly client?: KnexClient };
  if (isTransaction !== true || client === undefined) return undefined;
  return {
    async query(query) {
      if (isCompleted?.()) throw new Error('the transaction of Knex is completed'); // its connection may be another's by now
      return (await client.acquireConnection()).query(query);
    },
  };
}
