import { SemelError } from '../../../core/errors.ts';
import type { SqlValue } from '../driver.ts';
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
  handler(query: PostgresJsQuery): void;
  resolve(result: PostgresJsResult): void;
  reject(error: unknown): void;
}

/** The rows, with the connection that they came by. */
export interface PostgresJsResult extends Array<object> {
  readonly command: string;
  readonly state: { readonly pid: number };
}

/** Sends a query of this text, where that is allowed, and gives its answer. */
type Run = (text: string, send: () => Promise<PostgresJsResult>) => Promise<PostgresJsResult>;

/** The `sql` of a transaction, with each of its queries sent by `run`. */
export function ruledSql(sql: PostgresJsSql, run: Run): PostgresJsSql {
  const own = <Made>(made: Made): Made => (isQuery(made) ? (ruled(made, run) as Made) : made);
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

/** Lets `run` decide at the moment when the query would be sent, and settles it with what `run` gives. A cursor settles by itself, row after row. */
function ruled(query: PostgresJsQuery, run: Run): PostgresJsQuery {
  const { handler } = query;
  const decide = ({ resolve, reject, cursorFn }: PostgresJsQuery) => {
    const settles = cursorFn === undefined;
    const send = () =>
      new Promise<PostgresJsResult>((answer, fail) => {
        if (settles) Object.assign(query, { resolve: answer, reject: fail });
        else answer([] as never);
        handler(query);
      });
    void run(textOf(query), send).then(settles ? resolve : () => {}, reject);
  };
  return Object.assign(query, { handler: decide });
}

/** What `sql` gives may also be an identifier or a list of values. */
function isQuery(made: unknown): made is PostgresJsQuery {
  return made instanceof Promise && 'handler' in made;
}

/** The text of a query with that of its parts; a value is a question mark. */
function textOf({ strings, args }: PostgresJsQuery): string {
  return String.raw({ raw: strings }, ...args.map((arg) => (isQuery(arg) ? textOf(arg) : '?')));
}

function refuseFile(): never {
  throw new SemelError('capability-missing', 'sql.file cannot be looked at before it is sent: read the file, and give its text to sql.unsafe');
}
