import { type Comparison, measureOf, type OpenContender, type Ratio } from '../measure.ts';
import type { Effects } from '../postgres/effects.ts';
import { WARM_UP } from '../processes/latency.ts';
import { inProcesses, lasting, type ProcessContender } from '../processes/process-contender.ts';
import { rateOver } from '../ratios.ts';
import type { BrokerName } from '../servers/servers.ts';
import type { Suite } from './suite.ts';

/** What the suite of one broker has of its own. */
export interface Field {
  readonly broker: BrokerName;
  /** The pick of most, and its program, where that is not the bare client. */
  readonly usual: { readonly name: string; readonly program: string } | undefined;
  /** What the bare client is called. */
  readonly bare: string;
  /** About how many messages a second a contender handles: with a transaction each, with many in one, and publishing. */
  readonly perSecond: { readonly single: number; readonly groups: number; readonly publish: number };
  /** Messages over which memory is looked at. */
  readonly many: number;
  /** Comparisons that no other broker has. */
  readonly more?: readonly Comparison[];
}

/** Each message one effect, and nothing in the outbox. */
const PAID: Effects = { handled: 1, payments: 1, distinct: 1, outbox: 0 };
/** What a contender writes that is no consumer. */
export const NOTHING: Effects = { handled: 0, payments: 0, distinct: 0, outbox: 0 };
const RELAYED: Effects = { ...NOTHING, outbox: -1 };

/** Contenders at a broker, each in processes of its own. */
export function contendersAt(broker: BrokerName) {
  return (program: string, keeper: ProcessContender['keeper'], count: ProcessContender['count'], effects: Effects, options: object = {}): OpenContender =>
    inProcesses({ program, keeper, count, effects, options, broker });
}

const GROUPS = { handling: 'groups', concurrency: 4 };
const CONCURRENT = { handling: 'concurrent', concurrency: 4 };

const HAND = 'brokers/by-hand';
const SEMEL = 'brokers/semel';

/** The suite of a broker. */
export function brokerSuite(field: Field): Suite {
  return {
    full: { rounds: 3, ms: 2000, warmUpMs: 200, patienceMs: 10_000 },
    quick: { rounds: 1, ms: 400, warmUpMs: 0, patienceMs: 0 },
    comparisons: (quick) => [consuming(field), publishing(field), latency(field), memory(field, quick), ...(field.more ?? [])],
  };
}

function consuming({ broker, usual, bare, perSecond }: Field): Comparison {
  const contender = contendersAt(broker);
  const single = lasting(perSecond.single);
  const groups = lasting(perSecond.groups);
  const picked = usual?.name ?? bare;
  const ofBare = usual === undefined ? [] : [rateOver(`${broker}/group/bare`, 'semel groups', bare, `the same over ${bare} with a transaction for each message`)];
  return {
    contenders: {
      ...(usual === undefined ? {} : { [usual.name]: contender(usual.program, 'hand', single, PAID) }),
      [bare]: contender(`${HAND}/consumer.ts`, 'hand', single, PAID, { most: 1 }),
      [`${bare} grouped`]: contender(`${HAND}/consumer.ts`, 'hand', groups, PAID, { most: 100 }),
      'semel groups': contender(`${SEMEL}/consumer.ts`, 'semel', groups, PAID, GROUPS),
      'semel concurrent': contender(`${SEMEL}/consumer.ts`, 'semel', groups, PAID, CONCURRENT),
      'semel x1': contender(`${SEMEL}/consumer.ts`, 'semel', single, PAID, { handling: 'x1', concurrency: 8 }),
    },
    ratios: [
      rateOver(`${broker}/group/per-message`, 'semel groups', picked, `group commit over ${picked} with a transaction for each message`, 3),
      ...ofBare,
      rateOver(`${broker}/group/grouped`, 'semel groups', `${bare} grouped`, `the same over ${bare} with set-based statements for many messages in a transaction`),
      rateOver(`${broker}/concurrent/per-message`, 'semel concurrent', picked, `group commit with handlers at once over ${picked}`),
      rateOver(`${broker}/concurrent/grouped`, 'semel concurrent', `${bare} grouped`, `the same over ${bare} with set-based statements`),
      rateOver(`${broker}/x1/per-message`, 'semel x1', picked, `a transaction for each message over ${picked}`),
    ],
  };
}

function publishing({ broker, perSecond }: Field): Comparison {
  const contender = contendersAt(broker);
  const count = lasting(perSecond.publish);
  const of = ['semel publish', 'bare publish', 'relay to nowhere'] as const;
  return {
    contenders: {
      'bare publish': contender(`${HAND}/publish.ts`, 'hand', count, NOTHING),
      'relay to nowhere': contender('postgres/semel/relay.ts', 'semel', count, RELAYED),
      'semel publish': contender(`${SEMEL}/publish.ts`, 'semel', count, RELAYED),
    },
    ratios: [
      {
        id: `${broker}/publish/lower`,
        title: 'the relay of a full outbox over the lower of the two below',
        goal: 0.8,
        better: 'higher',
        of,
        value: (round) => measureOf(round, of[0], 'rate') / Math.min(measureOf(round, of[1], 'rate'), measureOf(round, of[2], 'rate')),
      },
      rateOver(`${broker}/publish/bare`, of[0], of[1], 'the same over what the bare client gets confirmed of messages in memory'),
      rateOver(`${broker}/publish/relay`, of[0], of[2], 'the same over the relay to a publisher that accepts at once'),
    ],
  };
}

/** Two and a half times as long as the others run. */
const aHundredPerSecond: ProcessContender['count'] = (ms) => WARM_UP + lasting(250)(ms);

function latency({ broker }: Field): Comparison {
  const contender = contendersAt(broker);
  const of = ['latency of semel', 'latency of the bare client'] as const;
  return {
    contenders: {
      [of[1]]: contender(`${HAND}/latency.ts`, 'hand', aHundredPerSecond, PAID),
      [of[0]]: contender(`${SEMEL}/latency.ts`, 'semel', aHundredPerSecond, PAID),
    },
    ratios: [difference(`${broker}/latency/p50`, of, 'milliseconds from sending to commit at 100 messages a second, median, less those of the bare client', 'p50Ms', 3)],
  };
}

function difference(id: string, of: readonly [string, string], title: string, measure: 'p50Ms', goal: number): Ratio {
  return { id, title, goal, better: 'lower', of, value: (round) => measureOf(round, of[0], measure) - measureOf(round, of[1], measure) };
}

/** What of the memory in the first tenth of the messages the last tenth may hold. */
const FLAT = 1.1;

function memory({ broker, many }: Field, quick: boolean): Comparison {
  const count = quick ? 4_000 : many;
  const name = `semel concurrent, ${count.toLocaleString('en')}`;
  return {
    once: true,
    contenders: { [name]: contendersAt(broker)(`${SEMEL}/consumer.ts`, 'semel', () => count, PAID, { ...CONCURRENT, footprint: true }) },
    ratios: [
      {
        id: `${broker}/memory/flat`,
        title: `memory in the last tenth of ${count.toLocaleString('en')} messages over that in the first`,
        goal: FLAT,
        better: 'lower',
        of: [name],
        value: (round) => measureOf(round, name, 'lastMb') / measureOf(round, name, 'firstMb'),
      },
    ],
  };
}
