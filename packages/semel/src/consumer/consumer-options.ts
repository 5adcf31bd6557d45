import { CircuitBreaker, type CircuitBreakerOptions } from '../core/circuit-breaker.ts';
import { SemelError } from '../core/errors.ts';
import { GUARANTEES, type Guarantee } from '../core/guarantee.ts';
import { checkOptions, nameOf, oneOf, positiveInteger, timeOf } from '../core/options.ts';
import { type RetryOptions, type RetryPolicy, retryPolicy } from '../core/retry.ts';
import type { AnyTopic } from '../core/topic.ts';

/** How messages that arrive together share a transaction. */
export interface GroupOptions {
  /** @default 100 */
  readonly max?: number;
  /** When it is spent, what is done commits, and the rest opens the next transaction. @default 50 */
  readonly budgetMs?: number;
}

/** What can be said of a consumer. */
export interface ConsumerOptions {
  /** Names its records; keep it. To change it, list the old one in `previousNames`. */
  readonly name: string;
  readonly previousNames?: readonly string[];
  /** Topics that the handler may publish to. @default none */
  readonly publishes?: readonly AnyTopic[];
  /** @default 'exactly-once' */
  readonly guarantee?: Guarantee;
  /**
   * `key`: messages of one key are handled in order, and a failed one holds its key. Given here, a transport that keeps no order is refused.
   * @default 'key' where the topic has keys, as far as the transport keeps it; else, and with at-most-once, 'none'
   */
  readonly order?: 'none' | 'key';
  /** `false`: each message has its own transaction. `'concurrent'`: handlers of a group run at once, because they commute. @default { max: 100, budgetMs: 50 } */
  readonly group?: false | 'concurrent' | GroupOptions;
  readonly retry?: RetryOptions;
  /** After a dead letter its key goes on, or waits for a redrive or a discard. @default 'continue' */
  readonly onDeadLetter?: 'continue' | 'hold-key';
  /** Handlers at once outside a transaction, groups at once inside. SQLite has one writer, so more than one group gains nothing there. @default 1 inside, 10 outside */
  readonly concurrency?: number;
  /** How long one call of the handler may take. @default 10_000 */
  readonly timeoutMs?: number;
  /** How long a message may be in hand without a sign of life before another worker takes it over. @default 30_000, or three times `timeoutMs` if that is more */
  readonly leaseMs?: number;
  readonly circuitBreaker?: CircuitBreakerOptions;
  /** Where a new consumer starts among the messages that are retained. @default 'beginning' */
  readonly from?: 'beginning' | 'now' | Date;
  /** Keeps what the handler returns (JSON) in the record; a duplicate is answered with it. For exactly-once handlers of single messages. @default false */
  readonly recordResult?: boolean;
}

/** Options, defaulted and checked. */
export interface Policies {
  readonly previousNames: readonly string[];
  readonly publishes: ReadonlySet<AnyTopic>;
  readonly ordered: boolean;
  /** The order was asked for, not defaulted. */
  readonly orderRequired: boolean;
  /** Most messages of one transaction; 1 where each has its own. */
  readonly groupMax: number;
  readonly budgetMs: number;
  readonly concurrentGroup: boolean;
  /** Whether a message has its transaction alone. */
  readonly alone: boolean;
  readonly retry: RetryPolicy;
  readonly holdKey: boolean;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  readonly circuitBreaker: CircuitBreakerOptions | undefined;
  readonly from: 'beginning' | 'now' | { readonly sinceMs: number };
  readonly recordResult: boolean;
}

const KNOWN: readonly (keyof ConsumerOptions)[] = [
  'name',
  'previousNames',
  'publishes',
  'guarantee',
  'order',
  'group',
  'retry',
  'onDeadLetter',
  'concurrency',
  'timeoutMs',
  'leaseMs',
  'circuitBreaker',
  'from',
  'recordResult',
];

/** Checks a consumer's options; throws `bad-option` naming what is wrong. */
export function policiesOf(topic: AnyTopic, options: ConsumerOptions, set: boolean): Policies {
  const where = `consumer ${options.name}`;
  checkOptions(where, options, KNOWN);
  const guarantee = guaranteeOf(where, options, set);
  const group = groupOf(where, options.group, set);
  const outside = guarantee !== 'exactly-once';
  const timeoutMs = positiveInteger(where, 'timeoutMs', options.timeoutMs ?? 10_000);
  const leaseMs = positiveInteger(where, 'leaseMs', options.leaseMs ?? Math.max(30_000, 3 * timeoutMs));
  return Object.freeze({
    ...group,
    previousNames: Object.freeze((options.previousNames ?? []).map((name) => nameOf(where, 'previousNames', name))),
    publishes: new Set(options.publishes ?? []),
    ordered: orderOf(where, topic, guarantee, options.order) === 'key',
    orderRequired: options.order === 'key',
    retry: retryPolicy(options.retry),
    holdKey: oneOf(where, 'onDeadLetter', options.onDeadLetter ?? 'continue', ['continue', 'hold-key']) === 'hold-key',
    concurrency: positiveInteger(where, 'concurrency', options.concurrency ?? (outside ? 10 : 1)),
    timeoutMs,
    leaseMs,
    circuitBreaker: options.circuitBreaker && checkedBreaker(options.circuitBreaker),
    from: fromOf(where, options.from ?? 'beginning'),
    recordResult: options.recordResult ?? false,
  });
}

function guaranteeOf(where: string, options: ConsumerOptions, set: boolean): Guarantee {
  const guarantee = oneOf(where, 'guarantee', options.guarantee ?? 'exactly-once', GUARANTEES);
  const exact = guarantee === 'exactly-once';
  if (set && !exact) throw new SemelError('bad-option', `${where}: a set handler has one transaction for its group, so its guarantee is exactly-once, not ${guarantee}`);
  if (options.recordResult && (set || !exact))
    throw new SemelError('bad-option', `${where}: recordResult needs a record for each message: an exactly-once handler of single messages`);
  return guarantee;
}

function orderOf(where: string, topic: AnyTopic, guarantee: Guarantee, order: ConsumerOptions['order']): 'none' | 'key' {
  if (guarantee !== 'at-most-once') return oneOf(where, 'order', order ?? (topic.ordered ? 'key' : 'none'), ['none', 'key']);
  if (order === 'key')
    throw new SemelError(
      'bad-option',
      `${where}: at-most-once lets go of a message before it is handled, so another worker may handle the next of its key meanwhile; it keeps no order`,
    );
  return 'none';
}

function fromOf(where: string, from: NonNullable<ConsumerOptions['from']>): Policies['from'] {
  return from instanceof Date ? { sinceMs: timeOf(where, 'from', from) } : oneOf(where, 'from', from, ['beginning', 'now']);
}

function checkedBreaker(options: CircuitBreakerOptions): CircuitBreakerOptions {
  new CircuitBreaker(options, { now: () => 0 }); // refuses what is wrong here, rather than when a worker starts
  return Object.freeze({ ...options });
}

function groupOf(where: string, group: ConsumerOptions['group'], set: boolean): Pick<Policies, 'groupMax' | 'budgetMs' | 'concurrentGroup' | 'alone'> {
  if (group === false) {
    if (set) throw new SemelError('bad-option', `${where}: a set handler takes a whole group; \`group: false\` leaves it none`);
    return { groupMax: 1, budgetMs: 0, concurrentGroup: false, alone: true };
  }
  const given = group === 'concurrent' || group === undefined ? {} : group;
  checkOptions(`${where}, group`, given, ['max', 'budgetMs']);
  return {
    groupMax: positiveInteger(where, 'group.max', given.max ?? 100),
    budgetMs: positiveInteger(where, 'group.budgetMs', given.budgetMs ?? 50),
    concurrentGroup: group === 'concurrent',
    alone: false,
  };
}
