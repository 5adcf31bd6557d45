/** What a lane must know of its rows. */
interface Waiting {
  readonly state: 'delayed' | 'ready' | 'in-flight' | 'retrying' | 'held' | 'gone';
  readonly suspect: boolean;
}

/**
 * Rows that wait for one another, in order: those of one key where the subscription keeps order, a single row otherwise.
 * A row that is gone is passed over, so that taking one out of the middle costs nothing.
 */
export class MemoryLane<Row extends Waiting> {
  readonly #rows: Row[] = [];
  #start = 0;
  /** Rows in flight; while there are any, nothing else of the lane is handed out. */
  inFlight = 0;
  /** Whether it stands in one of its queue's lists. */
  listed = false;

  append(row: Row): void {
    this.#rows.push(row);
  }

  /** The first row, whatever its state; undefined where the lane is empty. */
  head(): Row | undefined {
    while (this.#rows[this.#start]?.state === 'gone') this.#start++;
    if (this.#start > 64 && this.#start * 2 > this.#rows.length) {
      this.#rows.splice(0, this.#start);
      this.#start = 0;
    }
    return this.#rows[this.#start];
  }

  /** The rows that may be handed out together, from the head on. A suspect goes alone. */
  run(max: number): Row[] {
    const run: Row[] = [];
    for (let at = this.#start; at < this.#rows.length && run.length < max; at++) {
      const row = this.#rows[at] as Row;
      if (row.state === 'gone') continue;
      if (row.state !== 'ready' || (row.suspect && run.length > 0)) break;
      run.push(row);
      if (row.suspect) break;
    }
    return run;
  }
}
