import type { Store } from '../../core/store.ts';
import { PgDriver } from '../../stores/postgres/clients/pg.ts';
import { OwnStatements } from '../../stores/postgres/connection.ts';
import { postgres, postgresReplicationSql, postgresSchemaSql } from '../../stores/postgres/index.ts';
import { schemaStatus } from '../../stores/postgres/migrate.ts';
import { Sql } from '../../stores/postgres/sql.ts';
import type { Finding, Thresholds } from '../doctor/finding.ts';
import { examinePostgres } from '../doctor/postgres/postgres-checks.ts';
import { connectPg } from './connect-pg.ts';
import type { CliPool } from './load-pg.ts';
import type { PostgresAddress } from './postgres-address.ts';
import type { Schema, SchemaOptions, Target } from './target.ts';

/** A {@link Target} in a schema of a Postgres database. */
export class PostgresTarget implements Target {
  readonly address: string;
  readonly #address: PostgresAddress;
  #pool: Promise<CliPool> | undefined;

  constructor(address: PostgresAddress) {
    this.#address = address;
    this.address = address.shown;
  }

  async existing(): Promise<Store> {
    return postgres(await this.#connected(), { schema: this.#address.schema });
  }

  async migrating(): Promise<Store> {
    return postgres(await this.#connected(), { schema: this.#address.schema, migrate: true });
  }

  schemaSql({ publication = false, schema = this.#address.schema, ...options }: SchemaOptions = {}): string {
    return `${postgresSchemaSql({ schema, ...options })}${publication ? postgresReplicationSql({ schema }) : ''}`;
  }

  async schemaStatus(): Promise<Schema> {
    const { schema } = this.#address;
    return schemaStatus(new OwnStatements((await this.#driver()).pool, new Sql(schema).unprepared()), schema);
  }

  async examine(thresholds: Thresholds, role?: string): Promise<readonly Finding[]> {
    return examinePostgres(await this.#driver(), this.#address.schema, thresholds, role);
  }

  async close(): Promise<void> {
    await (await this.#pool?.catch(() => undefined))?.end();
  }

  async #driver(): Promise<PgDriver<unknown>> {
    return new PgDriver<unknown>(await this.#connected(), { name: 'pg', bind: (tx) => ({ tx }), clientOf: () => undefined });
  }

  #connected(): Promise<CliPool> {
    this.#pool ??= connectPg(this.#address);
    return this.#pool;
  }
}
