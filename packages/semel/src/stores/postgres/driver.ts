/** What a statement is given. Sets travel as array literals ({@link textArray}), bytes as hexadecimal text: every client passes text on unchanged. */
export type SqlValue = string | number | boolean | null;

/** Runs one statement at a time, each after the one before it. */
export interface SqlRunner {
  /**
   * The rows that it gives. Statements that are not awaited go out in the order of the calls, in one batch where the client can.
   * @param name for a prepared statement, where the connection may keep one
   */
  query<Row = unknown>(text: string, values: readonly SqlValue[], name?: string): Promise<readonly Row[]>;
}

/** A client library, as the store drives it: an adapter is what differs between them. */
export interface Driver<Tx> {
  /** A word for messages: `pg`, `kysely`. */
  readonly name: string;
  /** The most connections at once, where it is known. */
  readonly size: PoolSize | undefined;
  /**
   * Opens a transaction on a connection of its own.
   * @throws the client's error where there is no connection to be had
   */
  begin(isolation: Isolation): Promise<DriverTransaction<Tx>>;
  /** Runs one statement in a transaction of its own. */
  readonly pool: SqlRunner;
  /** Whether a pooler between shares connections by transaction, so that two statements may meet two servers. */
  isPooled(): Promise<boolean>;
  /**
   * Calls `wake` for every notification on the channel, on a connection of its own, until the returned function is called.
   * Rejects where it cannot listen; calls `lost` once where it listened and can no more.
   */
  listen?(channel: string, wake: () => void, lost: (error: unknown) => void): Promise<() => Promise<void>>;
  /** Runs statements in a transaction that the user opened with this library; undefined where `tx` is not one. */
  runnerOf(tx: unknown): SqlRunner | undefined;
}

/** How many connections a pool may open. */
export interface PoolSize {
  readonly most: number;
  /** The option that sets it, as the library's users write it. */
  readonly option: string;
  /** Whether the connection that listens is one of them. */
  readonly listens: boolean;
}

/** How transactions see one another. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** An open transaction. Ends with `commit` or `rollback`, and with it the hold on the connection. */
export interface DriverTransaction<Tx> extends SqlRunner {
  /** The transaction as one handler sees it. */
  lend(options: { readonly savepoints: boolean }): Loan<Tx>;
  /**
   * Resolves only where the transaction is committed. Rejects with `commit-unknown` where no answer came; with anything else it is surely undone.
   * A connection in doubt is never used again.
   */
  commit(): Promise<void>;
  /** Never rejects, and never waits for ever; a connection in doubt is closed. */
  rollback(): Promise<void>;
}

/** A transaction object that its library takes a moment to make; wrapped, for it may be thenable itself. */
export class Opening<Tx> {
  readonly tx: Promise<Tx>;

  constructor(tx: Promise<Tx>) {
    this.tx = tx;
  }
}

/** One handler's hold on the transaction. */
export interface Loan<Tx> {
  readonly tx: Tx | Opening<Tx>;
  /** @throws SemelError `transaction-over` once it is revoked, or what harmed the transaction */
  check(): void;
  /** From now on every use of `tx` is refused. */
  revoke(): void;
  /** Writes what the library holds back until the end of a handler's turn. Rejects where the transaction can no more commit, whatever the handler caught. */
  verify(): void | Promise<void>;
}

/** A list of texts as Postgres reads it: `{"a","b",NULL}`. */
export function textArray(values: Iterable<string | null>): string {
  const items: string[] = [];
  for (const value of values) items.push(value === null ? 'NULL' : `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`);
  return `{${items.join(',')}}`;
}

/** The sources and the ids of messages, as two lists for `unnest`. */
export function identityArrays(messages: Iterable<{ readonly source: string; readonly id: string } | undefined>): readonly [sources: string, ids: string] {
  const given = [...messages];
  return [textArray(given.map((message) => message?.source ?? null)), textArray(given.map((message) => message?.id ?? null))];
}

/** A list of numbers as Postgres reads it. */
export function numberArray(values: Iterable<number | null>): string {
  return `{${[...values].map((value) => value ?? 'NULL').join(',')}}`;
}
