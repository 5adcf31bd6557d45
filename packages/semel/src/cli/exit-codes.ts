import type { ErrorCode } from '../core/errors.ts';

/**
 * What the exit code of `semel` says; stable.
 * - `ok`: done, nothing found;
 * - `findings`: a check found something, or a part of what was asked for could not be done;
 * - `usage`: the command line is wrong, nothing was done;
 * - `store`: the store cannot be used, or this Node.js is too old for it;
 * - `defect`: what ought not to happen; `--debug` prints where.
 */
export const EXIT_CODES = { ok: 0, findings: 1, usage: 2, store: 3, defect: 4 } as const;

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** The exit code of a command that ended with an error of this code. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (code === 'bad-option' || code === 'app-unusable') return EXIT_CODES.usage;
  if (code === 'unknown-dead-letter' || code === 'unknown-consumer' || code === 'not-redrivable') return EXIT_CODES.findings;
  return code.startsWith('store-') || code.startsWith('schema-') || code === 'node-too-old' || code === 'driver-missing' ? EXIT_CODES.store : EXIT_CODES.defect;
}
