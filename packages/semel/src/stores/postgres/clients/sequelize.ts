import type { Store } from '../../../core/store.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import type { QueryClient, TransactionHandle } from '../transaction-handle.ts';
import { HandleClient, lentClient, refuseToEnd } from './handle-client.ts';
import { type PgClient, PgDriver, type PgPool } from './pg.ts';

/** An instance of Sequelize 6, as far as Semel needs it. */
export interface SequelizeInstance<Transaction> {
  readonly connectionManager: {
    getConnection(options: { readonly type: 'write'; readonly useMaster: true }): Promise<object>;
    releaseConnection(connection: object): void;
    destroyConnection(connection: object): Promise<void>;
  };
  transaction(): Promise<Transaction>;
}

/**
 * A store on the connections of Sequelize; the handler's `tx` is its `Transaction`, to be passed to each call as `{ transaction: tx }`. Semel begins
 * and commits, so `commit`, `rollback` and `afterCommit` of `tx` are refused (`transaction-control`). The instance stays yours to close.
 *
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: fromSequelize(sequelize) });
 */
export function fromSequelize<Transaction extends object>(sequelize: SequelizeInstance<Transaction>, options: PostgresOptions = {}): Store<Transaction> {
  const { Transaction } = sequelize.constructor as unknown as { readonly Transaction: new (sequelize: object) => Transaction };
  const bind = (handle: TransactionHandle) => ({
    tx: Object.assign(new Transaction(sequelize), {
      connection: new HandleClient(handle, { begins: false }),
      commit: refuseToEnd,
      rollback: refuseToEnd,
      afterCommit: refuseToEnd,
    }),
  });
  return new PostgresStore(new PgDriver<Transaction>(poolOf(sequelize.connectionManager), { name: 'sequelize', sizeOption: 'pool.max', bind, clientOf }), 'fromSequelize', options);
}

/** The connections that it keeps; five at most, unless its `pool` says otherwise. */
function poolOf(manager: SequelizeInstance<unknown>['connectionManager']): PgPool {
  const { pool } = manager as unknown as { readonly pool: SequelizePool & { readonly write?: SequelizePool } };
  return {
    options: { max: (pool.write ?? pool).maxSize },
    async connect() {
      const client = (await manager.getConnection({ type: 'write', useMaster: true })) as PgClient;
      return lentClient(client, (destroy) => (destroy ? void manager.destroyConnection(client).catch(() => {}) : manager.releaseConnection(client)));
    },
  };
}

interface SequelizePool {
  readonly maxSize: number;
}

function clientOf(tx: unknown): QueryClient | undefined {
  const { connection, finished } = (tx ?? {}) as { readonly connection?: QueryClient; readonly finished?: string };
  return finished === undefined && typeof connection?.query === 'function' ? connection : undefined;
}
