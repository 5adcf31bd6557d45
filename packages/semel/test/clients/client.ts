import type { Store } from 'semel';
import type { PostgresOptions } from 'semel/postgres';

/** A row of the table `sales`. `id` is its primary key; `customer` refers to `customers`, which is checked at COMMIT. */
export interface Sale {
  readonly id: string;
  readonly customer: string;
}

/** The one customer that there is. */
export const CUSTOMER = 'ada';

/** The user's own tables. */
export const TABLES = `
  create table customers (id text primary key);
  insert into customers values ('${CUSTOMER}');
  create table sales (id text primary key, customer text not null references customers deferrable initially deferred);
  create table stock (id integer primary key, pieces integer not null);
  insert into stock values (1, 100), (2, 100);
`;

/** A client library with its store, doing each thing in the library's own way. */
export interface TestClient<Tx = unknown> {
  readonly store: Store<Tx>;
  /** The option that sets the size of its pool; absent where the library does not tell its size. */
  readonly sizeOption?: string;
  insert(tx: Tx, sale: Sale): Promise<unknown>;
  customerOf(tx: Tx, id: string): Promise<string | undefined>;
  /** Runs SQL text as it is, without parameters. */
  run(tx: Tx, sql: string): Promise<unknown>;
  /** A transaction that the user opens with the library alone: commits after `body`, rolls back and rejects where that rejects. */
  transaction(body: (tx: Tx) => Promise<unknown>): Promise<unknown>;
  /** A transaction of the library within `tx`; absent where the library has no such thing. */
  nested?(tx: Tx, body: (tx: Tx) => Promise<unknown>): Promise<unknown>;
  /** Closes the library's connections; the store is closed already. */
  close(): Promise<void>;
}

/** A module of `libraries/`: loaded by the suite, and by the processes that it kills. */
export interface ClientModule {
  open(url: string, options?: PostgresOptions): TestClient | Promise<TestClient>;
}
