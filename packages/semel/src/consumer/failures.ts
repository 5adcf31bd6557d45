import { isSemelError, SemelError } from '../core/errors.ts';
import { failureOf } from '../core/failure.ts';
import type { Message } from '../core/message.ts';
import type { Settlement, WorkItem } from '../core/store.ts';
import { isPause } from '../core/throwables.ts';
import type { Consumer } from './consumer.ts';
import type { Engine } from './engine.ts';

/** A set handler failed in a way that only another run, with fewer messages, can settle: nobody is to blame yet. */
export class SetFailure {
  /** Messages that must not share a set with one that failed before them in their key; none where the culprit is still to be found by halving. */
  readonly behind: ReadonlySet<Message>;

  constructor(behind: ReadonlySet<Message> = new Set()) {
    this.behind = behind;
  }
}

/** The consumer's own store failed a handler that runs outside a transaction; another store's trouble is the handler's to deal with. */
export class StoreFailure {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** Why a message is put into the store's queue before it is handled: its transport cannot count, and there crashes are counted one by one (traps 33, 51). */
export const RETURNED: SemelError = new SemelError(
  'crashed',
  'it was in hand when its receiver ended or lost its connection: what its handler does is counted in the store from here on',
);

/** What a failure is judged by besides the consumer's policies. */
export interface Circumstances {
  /** Its transport cannot delay or count: a retry waits in the store's queue. */
  readonly parks: boolean;
  /** The circuit breaker tried whether an outage is over. */
  readonly probing: boolean;
}

/** What becomes of a message that failed, by its consumer's policies; undefined where it is not to blame. */
export function settlementOf(engine: Engine, consumer: Consumer, item: WorkItem, thrown: unknown, { parks, probing }: Circumstances): Settlement | undefined {
  const spent = consumer.guarantee === 'at-most-once'; // its one try was recorded before it began: whatever ends it is the end
  if (!spent && isBlameless(thrown)) return undefined;
  const error = thrown instanceof StoreFailure ? thrown.error : thrown;
  if (thrown === RETURNED) return parkedFor(RETURNED, item, engine);
  const { retry, holdKey } = consumer.policies;
  const { attempt } = item.delivery;
  const counted = isCounted(item, probing);
  const failure = { ...failureOf(error, attempt, engine.runtime.clock.now()), ...(counted ? {} : { uncounted: true as const }) };
  const decision = spent ? ({ kind: 'dead', reason: failure.code } as const) : retry.decide(error, counted ? attempt : 0, engine.runtime.random);
  if (decision.kind === 'dead' || item.message === undefined) {
    return { kind: 'dead', reason: decision.kind === 'dead' ? decision.reason : failure.code, failure, holdKey: holdKey && item.message !== undefined };
  }
  return { kind: 'retry', afterMs: decision.afterMs, failure, counted, park: engine.store.capabilities.queue && leaves(item, parks) };
}

/** Its transport will not bring it again. */
function leaves({ receipt }: WorkItem, parks: boolean): boolean {
  return receipt.kind === 'position' || (receipt.kind === 'external' && parks);
}

/** A probe is no attempt, and makes way for another message. One that fails two in a row is charged: it may be poison, not an outage. */
function isCounted({ delivery }: WorkItem, probing: boolean): boolean {
  return !probing || delivery.history?.at(-1)?.uncounted === true;
}

/** It goes to the store's queue at once, and was not tried. */
function parkedFor(reason: SemelError, { delivery }: WorkItem, { runtime }: Engine): Settlement {
  return { kind: 'retry', afterMs: 0, failure: { ...failureOf(reason, delivery.attempt, runtime.clock.now()), uncounted: true }, counted: false, park: true };
}

function isBlameless(error: unknown): boolean {
  return isPause(error) || error instanceof SetFailure || error instanceof StoreFailure || isSemelError(error, 'handler-aborted');
}
