import type { MemoryStore } from '../../testing/models/memory-store.ts';
import type { Happening } from '../history.ts';

/** Gives a store back that writes down its calls, and works as the given one does. */
export type Recording = (store: MemoryStore, who: string) => MemoryStore;

/** A worker, as what it is connected to sees it. */
export interface Party {
  /** `a`; after it was started again `a2`. */
  readonly label: string;
  /** Its bit in footprints. */
  readonly bit: number;
  readonly state: 'up' | 'frozen' | 'down';
}

/** What the adversary's parts have around them. */
export interface Surroundings {
  readonly nowMs: number;
  /** Calls back when so much time has passed; returns how to cancel it. */
  after(ms: number, callback: () => void): () => void;
  /** A number in [0, 1) that the seed of the run decides. */
  random(): number;
  /** Says what is shared and touched by the current step. */
  read(bits: number): void;
  write(bits: number): void;
  note(who: string, what: Happening): void;
  /** Whether the store has what became of a message by now. */
  keeps(id: string): boolean;
  /** Where the calls of stores are to be written down. */
  readonly recorded?: Recording;
}
