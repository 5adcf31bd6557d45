import { SemelError } from '../../core/errors.ts';
import type { ProofCell, ProofFacts, Verdict } from './proof-facts.ts';
import { reportText } from './report-text.ts';
import type { Violation } from './violation.ts';

/** The report of {@link proveOnce}; `JSON.stringify` gives its facts. */
export class ProofReport {
  readonly facts: ProofFacts;

  constructor(facts: ProofFacts) {
    this.facts = facts;
  }

  /** Whether it is proven. */
  get ok(): boolean {
    return this.facts.verdict === 'proven';
  }

  get verdict(): Verdict {
    return this.facts.verdict;
  }

  get violations(): readonly Violation[] {
    return this.facts.violations;
  }

  get cells(): readonly ProofCell[] {
    return this.facts.cells;
  }

  get seed(): number {
    return this.facts.seed;
  }

  /** How many trials were run. */
  get trials(): number {
    return this.facts.cells.reduce((sum, { trials }) => sum + trials, 0);
  }

  /** Throws `not-proven` with the report as its message, unless it is proven. */
  assert(): void {
    if (!this.ok) throw new SemelError('not-proven', this.toString(), { details: { verdict: this.verdict, seed: this.seed } });
  }

  /** For people: the verdict, and of each kind of violation what happened and what to do. */
  toString(): string {
    return reportText(this.facts);
  }

  toJSON(): ProofFacts {
    return this.facts;
  }
}
