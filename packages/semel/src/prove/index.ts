export type { Control } from './once/control.ts';
export type { ProofCell, ProofFacts, Verdict } from './once/proof-facts.ts';
export { proveOnce } from './once/prove-once.ts';
export type { ProofPlace, ProveOptions } from './once/prove-options.ts';
export type { ProofReport } from './once/report.ts';
export type { Effects } from './once/tally.ts';
export type { Violation, ViolationKind } from './once/violation.ts';
