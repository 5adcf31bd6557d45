import type { Store } from '../../core/store.ts';
import { PgDriver, type PgPool } from './clients/pg.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { PostgresStore } from './postgres-store.ts';
import type { PostgresTransaction, QueryClient } from './transaction-handle.ts';

export type { AppliedStep, SchemaStatus } from '../../core/schema-steps.ts';
export { type DrizzleDatabase, fromDrizzle } from './clients/drizzle.ts';
export { fromKnex, type KnexInstance } from './clients/knex.ts';
export { fromKysely, type KyselyInstance } from './clients/kysely.ts';
export { fromMikroOrm, type MikroOrmInstance, type MikroOrmManager } from './clients/mikro-orm.ts';
export type { PgClient, PgPool } from './clients/pg.ts';
export { fromPostgresJs, type PostgresJsInstance } from './clients/postgres-js.ts';
export { fromPrisma, type PrismaDatabase, type PrismaTransactionOptions } from './clients/prisma.ts';
export { fromSequelize, type SequelizeInstance } from './clients/sequelize.ts';
export { fromTypeorm, type TypeormDataSource } from './clients/typeorm.ts';
export { postgresSchemaSql } from './migrate.ts';
export type { PostgresOptions, PostgresRelay, PostgresWalRelay } from './postgres-options.ts';
export type { PostgresQuery, PostgresResult, PostgresRow, PostgresTransaction } from './transaction-handle.ts';
export { postgresReplicationSql } from './wal/publication.ts';
export type { ReplicationModule } from './wal/replication.ts';
export { postgresSlot, type SlotState } from './wal/slot-state.ts';

/**
 * A store in a schema of a Postgres database (15 or later), through pg. It connects to nothing until the engine starts, and runs no DDL unless
 * `migrate` says so: `semel migrate` makes its tables. The pool stays yours: closing the store leaves it open.
 *
 * @param pool of pg; `new Pool({ pipeline: true })` sends Semel's statements in batches
 * @throws SemelError `bad-option`; later, from `open`: `store-*`, `schema-*`
 * @example
 * const semel = createSemel({ name: 'shop', store: postgres(new Pool({ connectionString, pipeline: true })) });
 */
export function postgres(pool: PgPool, options: PostgresOptions = {}): Store<PostgresTransaction> {
  return new PostgresStore(new PgDriver<PostgresTransaction>(pool, { name: 'pg', bind: (tx) => ({ tx }), clientOf }), 'postgres', options);
}

function clientOf(tx: unknown): QueryClient | undefined {
  return typeof tx === 'object' && tx !== null && 'query' in tx && typeof tx.query === 'function' ? (tx as QueryClient) : undefined;
}
