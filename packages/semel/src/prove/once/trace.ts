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

/** Something that a worker's process did or suffered. */
export interface Moment {
  /** Milliseconds since the trial began. */
  readonly atMs: number;
  readonly worker: number;
  readonly pid: number;
  readonly what: 'given' | 'reached' | 'answered' | 'killed' | 'stopped' | 'continued' | 'ended';
  /** The boundary where it was. */
  readonly at?: string;
  /** The messages concerned; of a whole batch where it does not say. */
  readonly ids?: readonly string[];
}

/** What was seen in a trial, by whoever took part in it. */
export class Trace {
  readonly story: string[] = [];
  readonly points: Point[] = [];
  readonly boundaries: Set<string> = new Set();
  readonly publications: Publication[] = [];
  readonly errors: unknown[] = [];
  /** Of workers that are processes. */
  readonly moments: Moment[] = [];
  /** The line where the handler begins, where the stack tells. */
  entry: string | undefined;
  runs = 0;

  readonly #startedMs: number = performance.now();

  tell(line: string): void {
    this.story.push(line);
  }

  note(moment: Omit<Moment, 'atMs'>): void {
    this.moments.push({ atMs: performance.now() - this.#startedMs, ...moment });
  }
}
