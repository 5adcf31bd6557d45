/** A point to which a {@link MemoryLog} can go back. */
export interface Mark {
  readonly undo: number;
  readonly redo: number;
}

/**
 * What a transaction has done so far. What user code can read again is written at once, with how to undo it;
 * what only the store reads waits for the commit.
 */
export class MemoryLog {
  readonly #undo: (() => void)[] = [];
  readonly #redo: (() => void)[] = [];

  /** Notes how to undo what was just written. */
  wrote(undo: () => void): void {
    this.#undo.push(undo);
  }

  atCommit(write: () => void): void {
    this.#redo.push(write);
  }

  mark(): Mark {
    return { undo: this.#undo.length, redo: this.#redo.length };
  }

  rollbackTo(mark: Mark): void {
    while (this.#undo.length > mark.undo) this.#undo.pop()?.();
    this.#redo.length = mark.redo;
  }

  rollback(): void {
    this.rollbackTo({ undo: 0, redo: 0 });
  }

  commit(): void {
    for (const write of this.#redo) write();
    this.#redo.length = 0;
    this.#undo.length = 0;
  }
}
