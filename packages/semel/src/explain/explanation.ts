import type { Consumer } from '../consumer/consumer.ts';
import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';
import type { Guarantee } from '../core/guarantee.ts';
import { type Assumption, assumptionsOf } from './assumptions.ts';
import { footingOf, type ServiceParts } from './footing.ts';
import { type Horizon, horizonOf } from './horizon.ts';
import { refusalsOf } from './refusals.ts';
import { type Route, routeOf, type Step, stepsOf } from './steps.ts';
import { type Way, wayOf } from './ways.ts';

/** Why the parts cannot carry the guarantee, and what would mend it. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly says: string;
  readonly mend: string;
}

/** What holds for one consumer, from the producer to the effect. */
export interface Explanation {
  readonly consumer: string;
  readonly topic: string;
  readonly guarantee: Guarantee;
  /** Nothing is refused; `start` refuses it otherwise. */
  readonly holds: boolean;
  /** Which way leads to once; absent for at-most-once, which may lose an effect. */
  readonly way?: Way;
  readonly route: Route;
  /** Absent where no record is kept. */
  readonly horizon?: Horizon;
  /** In the order in which a message passes them. */
  readonly steps: readonly Step[];
  /** What has to be true besides, each with where it is from. */
  readonly assumptions: readonly Assumption[];
  readonly refusals: readonly Refusal[];
}

/** What holds for a consumer of this service. Does no I/O; what only a broker knows of its own settings is checked when the consumer starts. */
export function explain(consumer: Consumer, service: ServiceParts, others: readonly Consumer[]): Explanation {
  const footing = footingOf(consumer, service);
  const refusals = refusalsOf(footing).map(({ code, message }): Refusal => ({ code, says: message, mend: ERROR_CODES[code].todo }));
  const route = routeOf(consumer, service, others);
  const way = wayOf(footing);
  return {
    consumer: consumer.name,
    topic: consumer.topic.name,
    guarantee: consumer.guarantee,
    holds: refusals.length === 0,
    ...(way === undefined ? {} : { way }),
    route,
    ...(footing.contract === undefined || consumer.guarantee === 'at-least-once' || !service.store.capabilities.inbox
      ? {}
      : { horizon: horizonOf(footing.contract, service.retention) }),
    steps: stepsOf(footing, route),
    assumptions: assumptionsOf(footing, route),
    refusals,
  };
}
