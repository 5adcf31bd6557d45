import type { SqlRunner, SqlValue } from './driver.ts';
import { translateOwn } from './postgres-errors.ts';
import type { Sql } from './sql.ts';

/** Runs Semel's own statements, written as {@link Sql} takes them. */
export interface Connection {
  /** All rows. */
  all<Row>(template: string, ...values: readonly SqlValue[]): Promise<readonly Row[]>;
  /** The first row. */
  get<Row>(template: string, ...values: readonly SqlValue[]): Promise<Row | undefined>;
}

/** Semel's own statements on a connection, with their errors translated. */
export class OwnStatements implements Connection {
  readonly #runner: SqlRunner;
  readonly #sql: Sql;

  constructor(runner: SqlRunner, sql: Sql) {
    this.#runner = runner;
    this.#sql = sql;
  }

  async all<Row>(template: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    const { text, name } = this.#sql.compile(template);
    try {
      return await this.#runner.query<Row>(text, values, name);
    } catch (error) {
      throw translateOwn(error);
    }
  }

  async get<Row>(template: string, ...values: readonly SqlValue[]): Promise<Row | undefined> {
    return (await this.all<Row>(template, ...values))[0];
  }
}

/** Waits for statements that were sent together. Of several that fail the first tells why: the others only find the transaction ended. */
export async function inOrder<Answer>(statements: readonly Promise<Answer>[]): Promise<readonly Answer[]> {
  for (const statement of statements) statement.catch(() => {});
  const answers: Answer[] = [];
  for (const statement of statements) answers.push(await statement);
  return answers;
}
