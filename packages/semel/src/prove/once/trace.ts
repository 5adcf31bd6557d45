/** One use of `tx` or `publish` by the handler. */
export interface Point {
  /** Counted from 1 over all messages of a batch. */
  readonly number: number;
  readonly what: 'statement' | 'publish';
  /** The client's method: `run`, `query`, `insertInto`. */
  readonly method: string;
  /** The line of the user's code that made it, where the stack tells. */
  readonly site: string | undefined;
}

/** What one run of a handler published for a message: the how manieth time, what, and from which line. */
export interface Publication {
  /** Which run of the handler it was. */
  readonly run: number;
  /** The message that caused it. */
  readonly cause: string;
  readonly topic: string;
  readonly id: string;
  readonly site: string | undefined;
}

/** What was seen in a trial, by whoever took part in it. */
export class Trace {
  readonly story: string[] = [];
  readonly points: Point[] = [];
  readonly boundaries: Set<string> = new Set();
  readonly publications: Publication[] = [];
  readonly errors: unknown[] = [];
  /** The line where the handler begins, where the stack tells. */
  entry: string | undefined;
  runs = 0;

  tell(line: string): void {
    this.story.push(line);
  }
}
