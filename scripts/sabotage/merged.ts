import type { Tests } from './mutant.ts';

/** The same tests in as few runs as can be: those that are named by their files alone in one, those that are named in one per file. */
export function merged(all: readonly Tests[]): readonly Tests[] {
  const whole = new Set<string>();
  const named = new Map<string, Set<string>>();
  for (const tests of all) {
    if (tests === 'crash suite') continue;
    if (tests.named === undefined) for (const file of tests.files) whole.add(file);
    else for (const file of tests.files) named.set(file, (named.get(file) ?? new Set()).add(tests.named));
  }
  return [
    ...(whole.size > 0 ? [{ files: [...whole] }] : []),
    ...[...named].map(([file, names]) => ({ files: [file], named: [...names].join('|') })),
    ...(all.includes('crash suite') ? (['crash suite'] as const) : []),
  ];
}
