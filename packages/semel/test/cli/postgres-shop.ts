import pg from 'pg';
import { AnyShop, type Order, sellIn } from '../../src/cli/shop-fixture.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { postgres } from '../../src/stores/postgres/index.ts';
import { database, type TestDatabase } from '../services/postgres.ts';

/** A database of Postgres, for one test; its clock is the server's, and so are its times. */
export class PostgresShop extends AnyShop implements AsyncDisposable {
  readonly address: string;
  readonly pool: pg.Pool;
  readonly #database: TestDatabase;

  private constructor(database: TestDatabase) {
    super();
    this.#database = database;
    this.address = database.url;
    this.pool = new pg.Pool({ connectionString: database.url, max: 10 });
    this.pool.on('error', () => {});
  }

  /** @param server where the database is made; the one that all tests share by default */
  static async open(server?: string): Promise<PostgresShop> {
    return new PostgresShop(await database(server));
  }

  /** Publishes orders and handles what is due; returns the shop. */
  async sell(...given: readonly Order[]): Promise<this> {
    await sellIn(postgres(this.pool, { migrate: true }), given, systemRuntime);
    return this;
  }

  /** Runs SQL behind Semel's back. */
  async alter(sql: string): Promise<void> {
    await this.pool.query(sql);
  }

  protected nowMs(): number {
    return Date.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.end();
    await this.#database.drop();
  }
}
