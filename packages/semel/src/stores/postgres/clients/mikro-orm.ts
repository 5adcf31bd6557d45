import type { Store } from '../../../core/store.ts';
import { Opening } from '../driver.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import { PostgresStore } from '../postgres-store.ts';
import type { QueryClient, TransactionHandle } from '../transaction-handle.ts';
import { refuseToEnd } from './handle-client.ts';
import { kyselyClient } from './kysely.ts';
import { PgDriver, type PgPool } from './pg.ts';

/** An instance of MikroORM 7 for Postgres, as far as Semel needs it. */
export interface MikroOrmInstance<Manager extends MikroOrmManager> {
  readonly em: Manager;
}

/** Its `EntityManager`, as far as Semel needs it. */
export interface MikroOrmManager {
  fork(): this;
  flush(): Promise<void>;
  getConnection(type: 'write'): object;
  getTransactionContext(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: MikroORM says that it is its driver's.
  setTransactionContext(context: any): void;
}

/** What its connection to Postgres offers besides. */
interface MikroOrmConnection {
  getNativeClient(): Promise<PgPool>;
  getClient(): Kysely;
}

/** MikroORM stands on Kysely. */
interface Kysely {
  readonly constructor: unknown;
  getExecutor(): { readonly adapter: object };
  startTransaction(): { execute(): Promise<object> };
}

interface CompiledQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * A store on the pool of MikroORM; the handler's `tx` is an `EntityManager` of its own, which is flushed when the handler is through. Semel begins and
 * commits, so `begin`, `commit` and `rollback` of `tx` are refused (`transaction-control`). The instance stays yours to close. MikroORM's schema generator
 * drops tables that no entity declares, Semel's too: give the instance `schemaGenerator: { ignoreSchema: ['semel'] }`.
 *
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: fromMikroOrm(orm) });
 */
export function fromMikroOrm<Manager extends MikroOrmManager>(orm: MikroOrmInstance<Manager>, options: PostgresOptions = {}): Store<Manager> {
  const connection = () => orm.em.getConnection('write') as MikroOrmConnection;
  let native: PgPool | undefined;
  const pool: PgPool = {
    get options() {
      return native?.options ?? {};
    },
    async connect() {
      native = await connection().getNativeClient();
      return native.connect();
    },
  };
  const bind = (handle: TransactionHandle) => {
    const em = Object.assign(orm.em.fork(), { begin: refuseToEnd, commit: refuseToEnd, rollback: refuseToEnd });
    const open = async () => {
      em.setTransactionContext(await kyselyOn(handle, connection().getClient()).startTransaction().execute());
      return em;
    };
    return { tx: new Opening<Manager>(open()), flush: () => em.flush() };
  };
  return new PostgresStore(new PgDriver<Manager>(pool, { name: 'mikro-orm', sizeOption: 'pool.max', bind, clientOf }), 'fromMikroOrm', options);
}

/** The same Kysely, on one handler's transaction: what it begins has begun already. */
function kyselyOn(handle: TransactionHandle, kysely: Kysely): Kysely {
  const executeQuery = async ({ sql, parameters }: CompiledQuery) => {
    const { rows, rowCount } = await handle.query(sql, parameters);
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  };
  const connection = {
    executeQuery,
    async *streamQuery(query: CompiledQuery) {
      yield await executeQuery(query);
    },
  };
  const nothing = async () => {};
  const savepoint = (words: string) => (_: unknown, name: string) => handle.query(`${words} "${name}"`);
  const driver = {
    init: nothing,
    destroy: nothing,
    acquireConnection: async () => connection,
    releaseConnection: nothing,
    beginTransaction: nothing,
    commitTransaction: refuseToEnd,
    rollbackTransaction: refuseToEnd,
    savepoint: savepoint('savepoint'),
    rollbackToSavepoint: savepoint('rollback to savepoint'),
    releaseSavepoint: savepoint('release savepoint'),
  };
  const executor = kysely.getExecutor();
  const dialect = { createDriver: () => driver, createAdapter: () => executor.adapter, createQueryCompiler: () => executor };
  return new (kysely.constructor as new (config: object) => Kysely)({ dialect });
}

function clientOf(tx: unknown): QueryClient | undefined {
  return kyselyClient((tx as Partial<MikroOrmManager> | null | undefined)?.getTransactionContext?.());
}
