import type { ProofFacts } from '../../prove/once/proof-facts.ts';
import type { Moment } from '../../prove/once/trace.ts';
import type { Violation } from '../../prove/once/violation.ts';
import type { ProcessProof, TrialRecord } from './process-proof.ts';

const IDS: readonly string[] = ['<A1>', 'B7'];

/** Two workers: the first is killed before COMMIT, the second does the work. */
const MOMENTS: readonly Moment[] = [
  { atMs: 0, worker: 1, pid: 11, what: 'given', ids: IDS },
  { atMs: 1, worker: 1, pid: 11, what: 'reached', at: 'handling', ids: ['<A1>'] },
  { atMs: 2, worker: 1, pid: 11, what: 'reached', at: 'handled', ids: ['<A1>'] },
  { atMs: 3, worker: 1, pid: 11, what: 'reached', at: 'committing', ids: [] },
  { atMs: 4, worker: 1, pid: 11, what: 'killed' },
  { atMs: 9, worker: 2, pid: 12, what: 'given', ids: IDS },
  { atMs: 10, worker: 2, pid: 12, what: 'stopped' },
  { atMs: 200, worker: 2, pid: 12, what: 'continued' },
  { atMs: 201, worker: 2, pid: 12, what: 'reached', at: 'handling', ids: ['B7'] },
  { atMs: 202, worker: 2, pid: 12, what: 'reached', at: 'committed', ids: IDS },
  { atMs: 203, worker: 2, pid: 12, what: 'answered', ids: IDS },
];

/** What such a trial finds where the handler charges beside `tx`. */
export const VIOLATION: Violation = {
  kind: 'outside-transaction',
  fault: 'kill',
  step: 'committing',
  summary: 'the effect was there although its transaction had been rolled back',
  story: ['worker 1 is given <A1>, B7', 'worker 1 is killed (SIGKILL) before COMMIT'],
  hint: 'Write with `tx`.',
};

/** A proof of two trials, the first of which found these. */
export function proofOf(violations: readonly Violation[] = []): ProcessProof {
  const trial = (number: number, fault: string, step: string, found: readonly Violation[]): TrialRecord => ({
    ...{ number, fault, step, hit: true, violations: found },
    story: VIOLATION.story,
    moments: MOMENTS,
  });
  const facts: ProofFacts = {
    consumer: 'pay<ments',
    store: 'sqlite',
    verdict: violations.length > 0 ? 'refuted' : 'proven',
    seed: 7,
    cells: [
      { fault: 'kill', step: 'committing', trials: 1, hits: 1, violations: violations.length },
      { fault: 'freeze', step: 'any moment', trials: 1, hits: 1, violations: 0 },
      { fault: 'duplicate', step: 'later', trials: 1, hits: 1, violations: 0 },
    ],
    violations,
    notes: [],
    durationMs: 1_234,
    control: 'repeated',
  };
  return { facts, workers: 3, trials: [trial(1, 'kill', 'committing', violations), trial(2, 'freeze', 'any moment', []), trial(3, 'duplicate', 'later', [])] };
}
