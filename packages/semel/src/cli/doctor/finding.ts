import { ERROR_CODES, isSemelError } from '../../core/errors.ts';

/** How bad it is: `warn` wants a look, `fail` keeps messages from being handled, or data from being safe. */
export type Level = 'ok' | 'warn' | 'fail';

/** What a check found. */
export interface Finding {
  readonly check: string;
  readonly level: Level;
  readonly found: string;
  /** The command or the act that mends it; absent where nothing is to be mended. */
  readonly todo?: string;
}

/** What counts as too old, in milliseconds, and what time it is. */
export interface Thresholds {
  readonly nowMs: number;
  /** For a message that waits. */
  readonly maxAgeMs: number;
  /** For a consumer with a backlog that nobody starts. */
  readonly goneMs: number;
  /** For a session that is idle in a transaction, and for a transaction. */
  readonly maxIdleMs: number;
  readonly maxTransactionMs: number;
  /** The retention that the service is thought to run with. */
  readonly inboxMs: number;
  readonly messagesMs: number;
}

/** A {@link Finding}, but for the name of its check. */
export type Found = Omit<Finding, 'check'>;

/** Nothing to be mended. */
export function ok(found: string): Found {
  return { level: 'ok', found };
}

/** Wants a look. */
export function warn(found: string, todo: string): Found {
  return { level: 'warn', found, todo };
}

/** Is broken. */
export function fail(found: string, todo: string): Found {
  return { level: 'fail', found, todo };
}

/** An error of the store, as what a check found; any other is thrown on. */
export function failWith(error: unknown): Found {
  if (!isSemelError(error)) throw error;
  return fail(error.message, ERROR_CODES[error.code].todo);
}
