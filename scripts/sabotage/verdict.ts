import type { TestRun } from './run-tests.ts';

/** What became of a mutant: found by tests, found by none, or no fair mutant at all. */
export type Verdict = { readonly kind: 'caught'; readonly by: readonly string[] } | { readonly kind: 'survived' } | { readonly kind: 'broken'; readonly why: string };

/** What shows that the mutant's text is no valid program: any test would find that, and it says nothing about the bug. */
const NO_PROGRAM = /^(SyntaxError|ReferenceError)\b/;

/** Judges a run of tests that pass without the mutant. */
export function verdictOf({ passed, failures, output }: TestRun): Verdict {
  if (passed) return { kind: 'survived' };
  const invalid = failures.find(({ message }) => NO_PROGRAM.test(message));
  if (invalid !== undefined) return { kind: 'broken', why: `${invalid.test}: ${invalid.message.split('\n')[0]}` };
  if (failures.length === 0) return { kind: 'broken', why: `no test could be run\n${output}` };
  return { kind: 'caught', by: failures.map(({ test }) => test) };
}
