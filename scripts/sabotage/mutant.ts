/** Tests of the project: Vitest's, by their files and the beginning of their names, or the crash suite at a small size. */
export type Tests = { readonly files: readonly string[]; readonly named?: string } | 'crash suite';

/** A bug to be put in, and the tests that must find it. */
export interface Mutant {
  readonly id: string;
  /** The trap of the field that the bug falls into: what goes wrong for the user. */
  readonly trap: string;
  /** From the root of the project. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
  readonly tests: Tests;
}

/**
 * The text of the mutant's file with the bug in it.
 * @throws Error where `from` does not stand in the text exactly once: the source has changed, and the mutant has to follow
 */
export function sabotaged(text: string, { id, file, from, to }: Mutant): string {
  const count = text.split(from).length - 1;
  if (count !== 1) throw new Error(`mutant ${id} no longer applies: its text stands ${count} times in ${file}, not once; bring it up to date`);
  return text.replace(from, () => to);
}
