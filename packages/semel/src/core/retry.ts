import { isSemelError } from './errors.ts';
import { errorCodeOf } from './failure.ts';
import { badOption, checkOptions, functionOf, nonNegativeMs, positiveInteger } from './options.ts';
import { isReject, isRetryLater } from './throwables.ts';

/** How often, and how soon, a failed message is tried again. */
export interface RetryOptions {
  /** Tries in all, the first included. @default 8 */
  readonly attempts?: number;
  /** The longest wait after the first failure, in milliseconds. @default 100 */
  readonly baseMs?: number;
  /** The longest wait of all, in milliseconds. @default 60_000 */
  readonly capMs?: number;
  /** By what the longest wait grows with each failure. @default 2 */
  readonly factor?: number;
  /**
   * Overrules the policy for an error; undefined leaves it to the policy, and so does a throw. Not asked about {@link Reject} and
   * {@link RetryLater}: there the handler has spoken.
   */
  readonly classify?: (error: unknown) => 'retry' | 'dead-letter' | { readonly retryAfterMs: number } | undefined;
}

/** What becomes of a message that failed. */
export type RetryDecision = { readonly kind: 'retry'; readonly afterMs: number } | { readonly kind: 'dead' /** The error's code or name. */; readonly reason: string };

/** Retry options with their defaults, checked and frozen. */
export interface RetryPolicy extends Required<Omit<RetryOptions, 'classify'>> {
  /**
   * Has no side effects, so that it may be asked again after a rollback.
   *
   * @param attempt the try that just failed; the first is 1
   * @param random a number in [0, 1)
   */
  decide(error: unknown, attempt: number, random: () => number): RetryDecision;
}

const KNOWN = ['attempts', 'baseMs', 'capMs', 'factor', 'classify'] as const;

/**
 * Exponential back-off with full jitter: the wait is a random part of a bound that grows up to a cap, so that messages which failed
 * together do not come again together. Errors that no retry can mend end a message at once.
 *
 * @throws SemelError `bad-option`
 */
export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
  const where = 'retry';
  checkOptions(where, options, KNOWN);
  const { attempts = 8, baseMs = 100, capMs = 60_000, factor = 2, classify } = options;
  positiveInteger(where, 'attempts', attempts);
  nonNegativeMs(where, 'baseMs', baseMs);
  nonNegativeMs(where, 'capMs', capMs);
  if (!Number.isFinite(factor) || factor < 1) throw badOption(where, 'factor', factor, 'a number, 1 or more');
  if (classify !== undefined) functionOf(where, 'classify', classify);

  const decide: RetryPolicy['decide'] = (error, attempt, random) => {
    const wish = wishOf(error, classify);
    if (wish === 'dead-letter' || attempt >= attempts) return { kind: 'dead', reason: errorCodeOf(error) };
    return { kind: 'retry', afterMs: wish === 'retry' ? backOffMs({ baseMs, capMs, factor }, attempt, random) : wish.retryAfterMs };
  };
  return Object.freeze({ attempts, baseMs, capMs, factor, decide });
}

/** The wait after a failure: a random part of a bound that grows up to a cap (full jitter). */
export function backOffMs({ baseMs, capMs, factor }: Required<Pick<RetryOptions, 'baseMs' | 'capMs' | 'factor'>>, attempt: number, random: () => number): number {
  return Math.floor(random() * Math.min(capMs, baseMs * Math.min(factor ** (attempt - 1), Number.MAX_VALUE)));
}

type Wish = 'retry' | 'dead-letter' | { readonly retryAfterMs: number };

function wishOf(error: unknown, classify: RetryOptions['classify']): Wish {
  if (isReject(error)) return 'dead-letter';
  if (isRetryLater(error)) return { retryAfterMs: error.afterMs };
  return classified(error, classify) ?? (isSemelError(error) && !error.retryable ? 'dead-letter' : 'retry');
}

/** The user's verdict, where it is one: a mistake in `classify` must not decide over a message. */
function classified(error: unknown, classify: RetryOptions['classify']): Wish | undefined {
  try {
    const wish = classify?.(error);
    if (wish === 'retry' || wish === 'dead-letter') return wish;
    return wish !== undefined && Number.isFinite(wish.retryAfterMs) && wish.retryAfterMs >= 0 ? { retryAfterMs: wish.retryAfterMs } : undefined;
  } catch {
    return undefined;
  }
}
