import type { Store } from '../../../core/store.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import type { QueryClient } from '../transaction-handle.ts';
import { type PgClient, PgDriver, type PgPool } from './pg.ts';

/** A `DataSource` of TypeORM, as far as Semel needs it. */
export interface TypeormDataSource<Manager> {
  readonly manager: Manager;
  readonly driver: object;
  createQueryRunner(): { readonly manager: Manager };
}

/** What its driver for Postgres offers besides. */
interface TypeormDriver {
  readonly master?: PgPool;
  obtainMasterConnection(): Promise<readonly [PgClient, ...unknown[]]>;
}

/** What an `EntityManager` has within a transaction. */
interface TypeormQueryRunner {
  readonly isTransactionActive: boolean;
  connect(): Promise<QueryClient>;
}

/**
 * A store on the connections of a TypeORM `DataSource` for Postgres; the handler's `tx` is its `EntityManager`. Semel begins and commits, so that
 * subscribers hear of rows and not of transactions. The data source stays yours: initialize it before the engine starts, destroy it after.
 *
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: fromTypeorm(dataSource) });
 */
export function fromTypeorm<Manager>(dataSource: TypeormDataSource<Manager>, options: PostgresOptions = {}): Store<Manager> {
  const driver = dataSource.driver as TypeormDriver;
  const pool: PgPool = {
    get options() {
      return driver.master?.options ?? {};
    },
    connect: async () => (await driver.obtainMasterConnection())[0],
  };
  const bind = (handle: QueryClient) => {
    const runner = dataSource.createQueryRunner();
    Object.assign(runner, { databaseConnection: handle, isTransactionActive: true, transactionDepth: 1 }); // a transaction within it is a savepoint
    return { tx: runner.manager };
  };
  return new PostgresStore(new PgDriver<Manager>(pool, { name: 'typeorm', sizeOption: 'poolSize', bind, clientOf }), 'fromTypeorm', options);
}

function clientOf(tx: unknown): QueryClient | undefined {
  const runner = (tx as { readonly queryRunner?: TypeormQueryRunner } | undefined)?.queryRunner;
  return runner?.isTransactionActive ? { query: async (query) => (await runner.connect()).query(query) } : undefined;
}
