import pg from 'pg';
import type { PostgresTransaction } from 'semel/postgres';
import { clockedPostgres } from '../../postgres-store.ts';
import { database, type TestDatabase } from '../../services/postgres.ts';
import { Stage } from './stage.ts';

const SCHEMA = 'replay';

/** Stages in one schema of a Postgres database, each of them emptied for the next. */
export class PostgresStages implements AsyncDisposable {
  readonly #db: TestDatabase;
  readonly #pool: pg.Pool;
  #clear = '';

  private constructor(db: TestDatabase) {
    this.#db = db;
    this.#pool = new pg.Pool({ connectionString: db.url, pipeline: true, max: 5, options: '-c synchronous_commit=off' });
    this.#pool.on('connect', (client) => client.on('error', () => {})); // `end` resolves before the last connection is gone, and dropping the database ends it
  }

  static async open(server: string | undefined): Promise<PostgresStages> {
    const stages = new PostgresStages(await database(server));
    await stages.#pool.query('create schema replay; create table replay.effects (effect text)');
    return stages;
  }

  async next(): Promise<Stage<PostgresTransaction>> {
    const stage = await Stage.open(
      clockedPostgres(() => this.#pool, { schema: SCHEMA, migrate: true }),
      {
        write: async (tx, effect) => void (await tx.query(`insert into ${SCHEMA}.effects values ($1)`, [effect])),
        list: async () => (await this.#pool.query(`select effect from ${SCHEMA}.effects`)).rows.map(({ effect }) => String(effect)),
      },
      async () => void (await this.#pool.query(this.#clear)),
    );
    this.#clear ||= await this.#emptying();
    return stage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
    await this.#db.drop();
  }

  /** Deletes what a history leaves: as there is little of it, this is faster than to truncate. */
  async #emptying(): Promise<string> {
    const { rows } = await this.#pool.query(`select tablename from pg_tables where schemaname = '${SCHEMA}' and tablename not in ('schema_steps', 'store_identity')`);
    return rows.map(({ tablename }) => `delete from ${SCHEMA}.${tablename};`).join(' ');
  }
}
