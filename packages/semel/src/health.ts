import { type ErrorCode, isSemelError, SemelError } from './core/errors.ts';
import { badOption, checkOptions, positiveInteger } from './core/options.ts';
import type { Runtime } from './core/runtime.ts';
import type { Subscription, SubscriptionState } from './core/store.ts';

/** How long to wait for an answer, and from when on a consumer is not well. */
export interface HealthOptions {
  /** @default 2_000 */
  readonly timeoutMs?: number;
  /** The most that the oldest message of a consumer may have waited. @default no limit */
  readonly maxLagMs?: number;
  /** The most messages that may wait for a consumer. @default no limit */
  readonly maxBacklog?: number;
  /** The most dead letters of a consumer. @default no limit */
  readonly maxDeadLetters?: number;
}

/** How a service's store and consumers are. */
export interface Health {
  /** The store answered, its schema is fit, and every consumer is within the limits. */
  readonly ok: boolean;
  /** The database answered in time. */
  readonly reachable: boolean;
  /** This version of Semel can use what it found there. */
  readonly schemaOk: boolean;
  /** Consumers and routes, by name; none where the store could not be asked. */
  readonly consumers: readonly ConsumerHealth[];
  /** Why the store could not be asked. */
  readonly trouble?: { readonly code: ErrorCode; readonly message: string };
}

/** How one consumer or route is. */
export interface ConsumerHealth {
  readonly name: string;
  readonly kind: Subscription['kind'];
  readonly ok: boolean;
  /** For how long its oldest message has been waiting; 0 where none waits. Those behind a dead letter that holds their key do not count. */
  readonly lagMs: number;
  /** Messages that wait, are in flight or are to be retried. */
  readonly backlog: number;
  readonly deadLetters: number;
  readonly paused: boolean;
}

type Limits = Required<HealthOptions>;

/** Asks the store by way of `list`. Never rejects, but with `bad-option`, and never takes longer than its timeout. */
export async function healthOf(list: () => Promise<readonly SubscriptionState[]>, runtime: Runtime, options: HealthOptions): Promise<Health> {
  const limits = limitsOf(options);
  try {
    const states = await within(limits.timeoutMs, list(), runtime);
    const consumers = states.map((state) => consumerHealth(state, limits, runtime.clock.now()));
    return { ok: consumers.every(({ ok }) => ok), reachable: true, schemaOk: true, consumers };
  } catch (error) {
    const { code, message } = isSemelError(error) ? error : new SemelError('store-unavailable', error instanceof Error ? error.message : 'unknown');
    return { ok: false, reachable: code.startsWith('schema-'), schemaOk: false, consumers: [], trouble: { code, message } };
  }
}

function limitsOf(options: HealthOptions): Limits {
  const where = 'semel.health';
  checkOptions(where, options, ['timeoutMs', 'maxLagMs', 'maxBacklog', 'maxDeadLetters']);
  const most = (name: keyof HealthOptions): number => {
    const value = options[name] ?? Number.POSITIVE_INFINITY;
    if (typeof value === 'number' && value >= 0) return value;
    throw badOption(where, name, value, 'a number, 0 or more');
  };
  const timeoutMs = positiveInteger(where, 'timeoutMs', options.timeoutMs ?? 2_000);
  return { timeoutMs, maxLagMs: most('maxLagMs'), maxBacklog: most('maxBacklog'), maxDeadLetters: most('maxDeadLetters') };
}

function consumerHealth(state: SubscriptionState, limits: Limits, nowMs: number): ConsumerHealth {
  const { name, kind, deadLetters, oldestMs = nowMs, pausedUntilMs = 0 } = state;
  const backlog = state.backlog.ready + state.backlog.inFlight + state.backlog.retrying;
  const lagMs = backlog === 0 ? 0 : Math.max(0, nowMs - oldestMs);
  const ok = lagMs <= limits.maxLagMs && backlog <= limits.maxBacklog && deadLetters <= limits.maxDeadLetters;
  return { name, kind, ok, lagMs, backlog, deadLetters, paused: pausedUntilMs > nowMs };
}

/** The answer, or `store-unavailable` where none came in time; what comes later is nobody's concern. */
async function within<Answer>(timeoutMs: number, answer: Promise<Answer>, runtime: Runtime): Promise<Answer> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = runtime.scheduler.after(timeoutMs, () => reject(new SemelError('store-unavailable', `the store gave no answer within ${timeoutMs} ms`)));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}
