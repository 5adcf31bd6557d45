const FALLBACK_MS = 1_000;

/** What the throwables of a handler carry beside the reason. */
export interface DelayOptions {
  /** Milliseconds. What is not a number of 0 or more counts as 1,000: a handler that read a bad `Retry-After` must not bury its message. */
  readonly afterMs: number;
  /** Why, for people; kept in the history. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/**
 * Thrown by a handler to pause its whole consumer: what it depends on is down, and no message is to blame. The message's effect is undone, no
 * attempt is counted, and nothing more is taken for `afterMs`.
 *
 * @example
 * if (reply.status === 503) throw new Pause({ afterMs: 30_000, reason: 'the gateway is down' });
 */
export class Pause extends Error {
  override readonly name = 'Pause';
  readonly afterMs: number;
  readonly reason: string;

  constructor(options: DelayOptions) {
    super(options.reason ?? 'the consumer pauses', causeOf(options));
    this.afterMs = delayOf(options.afterMs);
    this.reason = this.message;
  }
}

/**
 * Thrown by a handler to have this message again after a delay of its own instead of the policy's. It costs an attempt.
 *
 * @example
 * throw new RetryLater({ afterMs: 5_000, reason: 'the invoice is not booked yet' });
 */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly afterMs: number;
  readonly reason: string;

  constructor(options: DelayOptions) {
    super(options.reason ?? 'the message is tried again later', causeOf(options));
    this.afterMs = delayOf(options.afterMs);
    this.reason = this.message;
  }
}

/**
 * Thrown by a handler that knows that no retry can help: the message goes to the dead letters at once, with the reason.
 *
 * @example
 * throw new Reject({ reason: 'the order was never placed' });
 */
export class Reject extends Error {
  override readonly name = 'Reject';
  readonly reason: string;

  constructor(options: { readonly reason: string; readonly cause?: unknown }) {
    super(options.reason, causeOf(options));
    this.reason = options.reason;
  }
}

/** Whether it is a {@link Pause}. Works across two copies of the package, as all three do. */
export function isPause(error: unknown): error is Pause {
  return error instanceof Error && error.name === 'Pause' && 'afterMs' in error;
}

/** Whether it is a {@link RetryLater}. */
export function isRetryLater(error: unknown): error is RetryLater {
  return error instanceof Error && error.name === 'RetryLater' && 'afterMs' in error;
}

/** Whether it is a {@link Reject}. */
export function isReject(error: unknown): error is Reject {
  return error instanceof Error && error.name === 'Reject' && 'reason' in error;
}

function delayOf(ms: number): number {
  return Number.isFinite(ms) && ms >= 0 ? ms : FALLBACK_MS;
}

function causeOf({ cause }: { readonly cause?: unknown }): ErrorOptions | undefined {
  return cause === undefined ? undefined : { cause };
}
