import pg from 'pg';
import { createSemel, ERROR_CODES } from 'semel';
import type { PostgresOptions } from 'semel/postgres';
import { database, type TestDatabase } from '../services/postgres.ts';
import { type ClientModule, TABLES, type TestClient } from './client.ts';
import { receipts, type SaleContext } from './shop.ts';

/** What is committed of a sale: how many rows, records of handling, and receipts. */
export interface Trace {
  readonly effect: number;
  readonly record: number;
  readonly message: number;
}

export const NOTHING: Trace = { effect: 0, record: 0, message: 0 };
export const EVERYTHING: Trace = { effect: 1, record: 1, message: 1 };

/** A database with the user's tables, and a client library on it. */
export class ClientBench {
  readonly client: TestClient;
  /** Connections that no library has a hand in. */
  readonly admin: pg.Pool;
  readonly modulePath: string;
  readonly #module: ClientModule;
  readonly #database: TestDatabase;
  readonly #others = new Set<TestClient>();
  #elsewhere: TestDatabase | undefined;

  private constructor(path: string, module: ClientModule, client: TestClient, made: TestDatabase, admin: pg.Pool) {
    this.modulePath = path;
    this.#module = module;
    this.client = client;
    this.#database = made;
    this.admin = admin;
  }

  /** @param path of a {@link ClientModule} */
  static async open(path: URL): Promise<ClientBench> {
    const module = (await import(path.href)) as ClientModule;
    const made = await database();
    const admin = new pg.Pool({ connectionString: made.url });
    await admin.query(`${TABLES} alter database ${new URL(made.url).pathname.slice(1)} set deadlock_timeout = '20ms'`);
    const client = await module.open(made.url, { migrate: true });
    await createSemel({ name: 'shop', store: client.store }).open();
    return new ClientBench(path.href, module, client, made, admin);
  }

  get url(): string {
    return this.#database.url;
  }

  /** The library once more: by another way to the database, or with other options. Closed with the bench. */
  async another(url: string, options: PostgresOptions = {}): Promise<TestClient> {
    const client = await this.#module.open(url, options);
    this.#others.add(client);
    return client;
  }

  /** Closes one of {@link another}, its store first. */
  async release(client: TestClient): Promise<void> {
    this.#others.delete(client);
    await client.store.close();
    await client.close();
  }

  /** The library on another database, which has the user's tables and none of Semel's. */
  async elsewhere(): Promise<TestClient> {
    this.#elsewhere ??= await database();
    const admin = new pg.Client({ connectionString: this.#elsewhere.url });
    await admin.connect();
    await admin.query(TABLES);
    await admin.end();
    return this.another(this.#elsewhere.url);
  }

  /** Writes a sale and its receipt. */
  readonly sell = async ({ message, tx, publish }: SaleContext): Promise<void> => {
    await this.client.insert(tx, message.data);
    await publish(receipts, message.data);
  };

  /** What an independent connection sees of a sale. */
  readonly trace = async (id: string): Promise<Trace> => {
    const { rows } = await this.admin.query<Trace>(
      `select (select count(*)::int from sales where id = $1::text) as effect,
        (select count(*)::int from semel.inbox where id = $1::text and state = 'done') as record,
        (select count(*)::int from semel.messages where id = 'receipt of ' || $1::text) as message`,
      [id],
    );
    return rows[0] as Trace;
  };

  async close(): Promise<void> {
    for (const client of [...this.#others, this.client]) await this.release(client);
    await this.admin.end();
    await this.#database.drop();
    await this.#elsewhere?.drop();
  }
}

/** The code of the SemelError that the work rejects with, however the library wraps it; `undefined` where it resolves, the error where there is no such code. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  for (let at = error; at instanceof Error; at = within(at)) if ('code' in at && String(at.code) in ERROR_CODES) return at.code; // MikroORM copies what it wraps
  return error;
}

/** What a library wraps: under the field that is its own. */
function within(error: Error & { readonly driverError?: unknown; readonly original?: unknown }): unknown {
  return error.cause ?? error.driverError ?? error.original;
}
