import type { Lsn } from './lsn.ts';

/** A commit that a stream has brought, while something of it is still open. */
export interface OpenCommit {
  /** The lower 32 bits of its transaction's number. */
  readonly xid: number;
  /** Keeps it open until the returned function is called. */
  hold(): () => void;
}

/**
 * How far a stream may be confirmed: up to the last commit before the first of which something is open. What is confirmed does not come
 * again, so nothing may be passed over.
 */
export class Confirmation {
  /** How often each commit is held, in the order of the log. */
  readonly #open = new Map<Lsn, number>();
  #lsn: Lsn;

  /** @param lsn what was confirmed before */
  constructor(lsn: Lsn) {
    this.#lsn = lsn;
  }

  /** The last place that may be confirmed: never one in the middle of what is open. */
  get lsn(): Lsn {
    return this.#lsn;
  }

  /** A transaction comes; hold it until all of it is there. @param lsn where its commit record begins */
  begin(lsn: Lsn, xid: number): OpenCommit {
    this.#open.set(lsn, 0);
    return {
      xid,
      hold: () => {
        this.#open.set(lsn, (this.#open.get(lsn) ?? 0) + 1);
        let held = true;
        return () => {
          if (held) this.#release(lsn);
          held = false;
        };
      },
    };
  }

  /** The server has sent everything before this place. Where nothing is open, the last byte before it is through as well. */
  passed(lsn: Lsn): void {
    if (this.#open.size === 0 && lsn > this.#lsn) this.#lsn = lsn - 1n;
  }

  #release(lsn: Lsn): void {
    this.#open.set(lsn, (this.#open.get(lsn) ?? 1) - 1);
    for (const [commit, holds] of this.#open) {
      if (holds > 0) return;
      this.#open.delete(commit);
      if (commit > this.#lsn) this.#lsn = commit;
    }
  }
}
