import { isStoreTrouble } from '../core/commit-group.ts';
import { isSemelError } from '../core/errors.ts';
import { failureOf } from '../core/failure.ts';
import type { Settlement, WorkItem } from '../core/store.ts';
import { isPause } from '../core/throwables.ts';
import type { Consumer } from './consumer.ts';
import type { Engine } from './engine.ts';

/** A set handler threw for a group: the culprit is found by halving it, so nobody is to blame yet. */
export class SetFailure {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** Whether no message is to blame for this error: it is given back, and keeps its attempts. */
export function isBlameless(error: unknown): boolean {
  return isPause(error) || isStoreTrouble(error) || error instanceof SetFailure || isSemelError(error, 'handler-aborted');
}

/** What a failure is judged by besides the consumer's policies. */
export interface Circumstances {
  /** Its transport cannot delay or count: a retry waits in the store's queue. */
  readonly parks: boolean;
  /** The circuit breaker tried whether an outage is over: the failure is no attempt, but makes way for another message. */
  readonly probing: boolean;
}

/** What becomes of a message that failed, by its consumer's policies; undefined where it is not to blame. */
export function settlementOf(engine: Engine, consumer: Consumer, item: WorkItem, error: unknown, { parks, probing }: Circumstances): Settlement | undefined {
  const spent = consumer.guarantee === 'at-most-once'; // its one try was recorded before it began
  if (spent ? isStoreTrouble(error) : isBlameless(error)) return undefined;
  const { retry, holdKey } = consumer.policies;
  const { attempt } = item.delivery;
  const failure = failureOf(error, attempt, engine.runtime.clock.now());
  const decision = spent ? ({ kind: 'dead', reason: failure.code } as const) : retry.decide(error, probing ? 0 : attempt, engine.runtime.random);
  if (decision.kind === 'dead' || item.message === undefined) {
    return { kind: 'dead', reason: decision.kind === 'dead' ? decision.reason : failure.code, failure, holdKey: holdKey && item.message !== undefined };
  }
  return { kind: 'retry', afterMs: decision.afterMs, failure, counted: !probing, park: item.receipt.kind === 'position' || (item.receipt.kind === 'external' && parks) };
}
