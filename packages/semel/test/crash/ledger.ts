import type { Store } from 'semel';

/** An order, numbered per customer so that the order of effects can be checked. */
export interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly number: number;
}

/** The two services, each with a store of its own. */
export type Service = 'shop' | 'billing';

/** What the suite knows of a kind of database: how a service keeps its store there, how effects are written, how the audit reads them. */
export interface Ledger<Tx> {
  /** The service's store, not yet open, with connections of its own. */
  store(service: Service): Store<Tx>;
  /** Makes a service's tables of effects. None has a unique key: a second effect must be able to happen to be seen. */
  makeTables(service: Service, tables: readonly string[]): Promise<void>;
  /** Writes one effect, in the transaction. */
  write(tx: Tx, table: string, order: Order): Promise<void>;
  /** The ids of the orders that a table holds, as the transaction sees it. */
  ids(tx: Tx, table: string): Promise<readonly string[]>;
  /** Opens what a service has written, for plain SQL. */
  read(service: Service): Promise<Reader>;
}

/** Reads one service's tables without Semel. */
export interface Reader {
  /** `{semel}` in the SQL stands for what comes before the name of a table of Semel's. */
  all<Row>(sql: string): Promise<readonly Row[]>;
  /** SQL that counts, as `n`, what still waits or is in somebody's hands. */
  readonly leftOver: string;
  close(): Promise<void>;
}
