/** What goes wrong at a commit of the in-memory store, decided by a test or the prover. */
export interface MemoryFaults {
  /**
   * Asked before each commit, with the id of its unit of work:
   * - `lose-reply`: it takes effect, and rejects with `commit-unknown`;
   * - `lose-request`: it takes no effect, and rejects with `commit-unknown`;
   * - an error: it takes no effect, and rejects with that error.
   */
  commit?(unit: string): CommitFault | undefined;
  /** Asked when the fate of a unit is looked up: true answers `unknown`. */
  resolve?(unit: string): boolean;
}

/** See {@link MemoryFaults.commit}. */
export type CommitFault = 'lose-reply' | 'lose-request' | Error;
