import type { StoreContext } from '../src/core/store.ts';
import { PgDriver, type PgPool } from '../src/stores/postgres/clients/pg.ts';
import type { PostgresOptions } from '../src/stores/postgres/postgres-options.ts';
import { PostgresStore } from '../src/stores/postgres/postgres-store.ts';
import type { PostgresTransaction, QueryClient } from '../src/stores/postgres/transaction-handle.ts';

/** A store whose database's clock is that of the runtime it is opened with, so that a test can let time pass. */
export function clockedPostgres(pool: () => PgPool, options: PostgresOptions = {}): PostgresStore<PostgresTransaction> {
  let now = (): number => 0;
  const driver = new PgDriver<PostgresTransaction>({ connect: () => pool().connect() }, { name: 'pg', bind: (tx) => ({ tx }), clientOf: (tx) => tx as QueryClient });
  const store = new PostgresStore(driver, 'postgres', options, () => `${Math.floor(now())}::bigint`);
  const open = store.open.bind(store);
  store.open = (context: StoreContext) => {
    now = context.runtime.clock.now;
    return open(context);
  };
  return store;
}
