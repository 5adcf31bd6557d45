import type { PlayedTrial } from '../../prove/once/proof.ts';
import type { ProofFacts } from '../../prove/once/proof-facts.ts';
import type { Moment } from '../../prove/once/trace.ts';
import type { Violation } from '../../prove/once/violation.ts';

/** A trial, as it is reported. */
export interface TrialRecord {
  readonly number: number;
  readonly fault: string;
  readonly step: string;
  /** Whether what was to happen did. */
  readonly hit: boolean;
  readonly violations: readonly Violation[];
  /** What happened, step by step, in words. */
  readonly story: readonly string[];
  /** The same for a timeline. */
  readonly moments: readonly Moment[];
}

/** What `semel prove` has found out. */
export interface ProcessProof {
  readonly facts: ProofFacts;
  readonly workers: number;
  readonly trials: readonly TrialRecord[];
}

/** What of a played trial is reported. */
export function recordOf({ number, scenario, played, violations }: PlayedTrial): TrialRecord {
  const { fault, step } = scenario;
  const { story, moments } = played.findings.trace;
  return { number, fault, step, hit: played.hit, violations, story, moments };
}

/** How many processes were killed, and how many stopped. */
export function strikesOf({ trials }: Pick<ProcessProof, 'trials'>): { readonly kills: number; readonly stops: number } {
  const struck = (what: Moment['what']) => trials.reduce((sum, { moments }) => sum + moments.filter((moment) => moment.what === what).length, 0);
  return { kills: struck('killed'), stops: struck('stopped') };
}

/** What no violation in so many trials says, by the rule of three. */
export function statisticOf({ trials }: Pick<ProcessProof, 'trials'>): string {
  const count = trials.length;
  return `0 violations in ${count} trials, so fewer than 3/${count} (${Number((300 / count).toPrecision(2))} %) of such trials go wrong, at 95 %.`;
}
