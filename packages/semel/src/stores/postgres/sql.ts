import { createHash } from 'node:crypto';

/** A statement as it is sent. */
export interface Compiled {
  readonly text: string;
  /** The same for the same text, so that a connection keeps one plan for it; undefined where it must not. */
  readonly name: string | undefined;
}

/** The database's clock, in milliseconds since 1970: asked once for each statement, so that an index can be searched by it. */
const DATABASE_CLOCK = '(select (extract(epoch from clock_timestamp()) * 1000)::bigint)';

/**
 * An expression that lets its statement fail, and says why; for whatever is sent without waiting for its answer. SQL has no words for it: a text is read as a number.
 * @param detail an expression that the planner cannot work out beforehand, or the statement would fail always
 */
export const failing = (why: string, detail: string): string => `('${why}' || ${detail})::int`;

/** Semel's statements are written with `{s}` for the schema and `{now}` for the time; compiled once for each store. */
export class Sql {
  readonly schema: string;
  readonly #clock: (() => string) | undefined;
  readonly #compiled = new Map<string, Compiled>();
  #prepared: boolean;

  /** @param clock gives what stands for `{now}`, anew for every statement; for tests, which let time pass as they please */
  constructor(schema: string, clock?: () => string) {
    this.schema = schema;
    this.#clock = clock;
    this.#prepared = clock === undefined;
  }

  /** From now on no statement is prepared: connections are shared with others between transactions. */
  unprepared(): this {
    this.#prepared = false;
    this.#compiled.clear();
    return this;
  }

  /** The statement for this store. */
  compile(template: string): Compiled {
    const known = this.#compiled.get(template);
    if (known !== undefined) return known;
    const text = template.replaceAll('{s}', this.schema).replaceAll('{now}', this.#clock?.() ?? DATABASE_CLOCK);
    const compiled = { text, name: this.#prepared ? `semel_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}` : undefined };
    if (this.#clock === undefined) this.#compiled.set(template, compiled);
    return compiled;
  }
}
