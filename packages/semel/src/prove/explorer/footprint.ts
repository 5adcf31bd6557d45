/** Things that steps of different workers share, as bits; from `PROCESSES` on, a bit for each process. */
export const SHARED = { store: 1, broker: 2, sink: 4, faults: 8 } as const;
const PROCESSES = 16;
const EVERYTHING = -1;

/** The bit of a process. */
export function bitOf(index: number): number {
  return PROCESSES << index;
}

/** What one step read and wrote of what is shared. */
export interface Footprint {
  readonly reads: number;
  readonly writes: number;
}

/** The footprint of a step that everything else depends on. */
export const WHOLE: Footprint = { reads: EVERYTHING, writes: EVERYTHING };

/** Whether two steps give the same, and see the same, in either order. */
export function independent(a: Footprint, b: Footprint): boolean {
  return (a.writes & (b.reads | b.writes)) === 0 && (b.writes & a.reads) === 0;
}

/** Collects what the current step touches. */
export class Tracks {
  #reads = 0;
  #writes = 0;

  read(bits: number): void {
    this.#reads |= bits;
  }

  write(bits: number): void {
    this.#writes |= bits;
  }

  /** The footprint since the last call. */
  take(): Footprint {
    const footprint = { reads: this.#reads, writes: this.#writes };
    this.#reads = 0;
    this.#writes = 0;
    return footprint;
  }
}
