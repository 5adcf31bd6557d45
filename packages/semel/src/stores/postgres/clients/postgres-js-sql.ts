import { SemelError } from '../../../core/errors.ts';
import type { SqlValue } from '../driver.ts';
import type { TransactionHandle } from '../transaction-handle.ts';
import { refuseToEnd } from './handle-client.ts';

/** What any `sql` of postgres.js can do, in a transaction or not. */
export interface PostgresJsSql {
  (...given: readonly unknown[]): unknown;
  unsafe(text: string, values?: readonly SqlValue[], options?: { readonly prepare?: boolean }): PostgresJsQuery;
}

/** A query of postgres.js: it is sent when it is first waited for. A part of another query is one too, and never sent. */
export interface PostgresJsQuery extends Promise<PostgresJsResult> {
  readonly strings: readonly string[];
  readonly args: readonly unknown[];
  readonly cursorFn?: unknown;
  /** Sends it. */
  handler: ((query: PostgresJsQuery) => void) & { readonly debug?: unknown };
  resolve(result: PostgresJsResult): void;
  reject(error: unknown): void;
}

/** The rows, with what the server said besides. */
export interface PostgresJsResult extends Array<object> {
  readonly count: number | null;
  readonly command: string;
  /** The connection that it came by. */
  readonly state: { readonly pid: number };
}

/** Lets `instead` decide whether the query is sent, at the moment when it would be. Gives the query. */
export function sentBy(query: PostgresJsQuery, instead: (send: () => void, query: PostgresJsQuery) => void): PostgresJsQuery {
  const { handler } = query;
  const decide = (given: PostgresJsQuery) => {
    try {
      instead(() => handler(given), given);
    } catch (error) {
      given.reject(error);
    }
  };
  return Object.assign(query, { handler: Object.assign(decide, { debug: handler.debug }) });
}

/**
 * The `sql` of a transaction, with each of its queries under the rules of a handle.
 * @param check throws where nothing may be sent
 */
export function ruledSql(sql: PostgresJsSql, handle: TransactionHandle, check: () => void): PostgresJsSql {
  const own = <Made>(made: Made): Made => (isQuery(made) ? (ruled(made, handle, check) as Made) : made);
  const tag = (...given: readonly unknown[]) => own(sql(...given));
  const unsafe: PostgresJsSql['unsafe'] = (...given) => own(sql.unsafe(...given));
  let savepoints = 0;

  /** As its own, which would go on sending where the connection is gone. */
  async function savepoint(...given: readonly unknown[]): Promise<unknown> {
    savepoints += 1;
    const name = `s${savepoints}`;
    const use = given.at(-1) as (sql: PostgresJsSql) => unknown;
    await unsafe(`savepoint ${name}`);
    try {
      const made = use(lent);
      return await (Array.isArray(made) ? Promise.all(made) : made);
    } catch (error) {
      await unsafe(`rollback to savepoint ${name}`);
      throw error;
    }
  }

  /** Its own is sent outside of the transaction. */
  const notify = (channel: string, payload: string) => tag`select pg_notify(${channel}, ${payload})`;
  const lent: PostgresJsSql = Object.assign(tag, sql, { unsafe, savepoint, notify, file: refuseFile, prepare: refuseToEnd });
  return lent;
}

function ruled(query: PostgresJsQuery, handle: TransactionHandle, check: () => void): PostgresJsQuery {
  return sentBy(query, (send, { resolve, reject, cursorFn }) => {
    const answered = () =>
      new Promise<PostgresJsResult>((settle, fail) => {
        check();
        if (cursorFn === undefined) Object.assign(query, { resolve: settle, reject: fail });
        send();
        if (cursorFn !== undefined) settle([] as never); // it answers by itself, row after row
      });
    void handle.run(textOf(query), answered).then(resolve, reject);
  });
}

/** What `sql` gives may also be an identifier or a list of values. */
function isQuery(made: unknown): made is PostgresJsQuery {
  return made instanceof Promise && 'handler' in made;
}

/** The text of a query with that of its parts; a value is a question mark. */
function textOf({ strings, args }: PostgresJsQuery): string {
  return strings.map((text, index) => text + (index < args.length ? partOf(args[index]) : '')).join('');
}

function partOf(given: unknown): string {
  return isQuery(given) ? textOf(given) : '?';
}

function refuseFile(): never {
  throw new SemelError('capability-missing', 'sql.file cannot be looked at before it is sent: read the file, and give its text to sql.unsafe');
}
