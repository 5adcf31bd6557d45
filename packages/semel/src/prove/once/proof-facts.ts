import type { Control } from './control.ts';
import type { Violation } from './violation.ts';

/** What is known at the end: every effect once whatever was done; not so; or neither can be said. */
export type Verdict = 'proven' | 'refuted' | 'inconclusive';

/** A fault at a step, how often it was tried, how often it struck, and what was found. */
export interface ProofCell {
  readonly fault: string;
  readonly step: string;
  /** The line of the handler's code before which it struck. */
  readonly site?: string;
  readonly trials: number;
  readonly hits: number;
  readonly violations: number;
}

/** What a proof found out, as data. */
export interface ProofFacts {
  readonly consumer: string;
  /** The store's word: `sqlite`, `postgres`. */
  readonly store: string;
  readonly verdict: Verdict;
  readonly seed: number;
  readonly cells: readonly ProofCell[];
  readonly violations: readonly Violation[];
  /** What was not tried, and why. */
  readonly notes: readonly string[];
  readonly durationMs: number;
  /** What a redelivery does without the inbox; absent where it did not come to that. */
  readonly control?: Control;
  /** Why it is inconclusive. */
  readonly reason?: string;
}
