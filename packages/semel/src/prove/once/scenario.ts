import type { Guarantee } from '../../core/guarantee.ts';
import { CONSUMER_BOUNDARIES } from '../../core/lifecycle.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import type { ProofBench } from './bench.ts';
import type { Boundary, Fault } from './fault.ts';
import type { Point } from './trace.ts';
import { type Aftermath, type Findings, Trial, type TrialOptions } from './trial.ts';

/** A cell of the report: what happens, and where. */
export interface Scenario {
  readonly fault: 'crash' | 'throw' | 'stall' | 'lost-reply' | 'duplicate' | 'poison' | 'kill' | 'freeze';
  readonly step: string;
  /** The use of `tx` or `publish` before which it happens. */
  readonly point?: Point;
  /** The message that is poison. */
  readonly poison?: string;
  run<Tx>(bench: ProofBench<Tx>, options: TrialOptions): Promise<Played>;
}

/** A scenario, played to its end. */
export interface Played {
  readonly findings: Findings;
  /** Whether what was to happen did. */
  readonly hit: boolean;
  readonly aftermath?: Aftermath;
}

/** Uses of `tx` and `publish` that are tried; of more, the seed chooses. */
const MOST_POINTS = 20;

/** A handler that runs outside, and writes to the same SQLite file, would wait in this very thread for the lock of the worker that stands still. */
const IN_TRANSACTION: ReadonlySet<Boundary> = new Set<Boundary>(['begun', 'claimed', 'staged', 'committing']);

/** Everything that is done to a consumer whose handler uses `tx` and `publish` at these points. */
export function scenariosOf(
  points: readonly Point[],
  about: { readonly poison: string; readonly guarantee: Guarantee; readonly abortsOnError: boolean; readonly seed: number },
): readonly Scenario[] {
  const chosen = chooseFrom(points, about.seed);
  const failing = chosen.filter(({ what, method }) => what === 'publish' || !about.abortsOnError || method === 'query');
  const stalls = CONSUMER_BOUNDARIES.filter((boundary) => about.guarantee === 'exactly-once' || !IN_TRANSACTION.has(boundary));
  return [
    ...CONSUMER_BOUNDARIES.map((boundary) => disturbed('crash', boundary, { kind: 'crash', at: { boundary } })),
    ...chosen.map((point) => disturbed('crash', stepOf(point), { kind: 'crash', at: { point: point.number } }, point)),
    ...(['handling', 'handled'] as const).map((boundary) => disturbed('throw', boundary, { kind: 'throw', at: { boundary } })),
    ...failing.map((point) => disturbed('throw', stepOf(point), { kind: 'throw', at: { point: point.number } }, point)),
    ...stalls.map((boundary) => stalled('stall', boundary, { kind: 'stall', at: { boundary } })),
    disturbed('lost-reply', 'committed', { kind: 'lost-reply', at: { boundary: 'committed' } }),
    disturbed('lost-reply', 'aborted', { kind: 'lost-reply', at: { boundary: 'committing' } }),
    ...duplicates(),
    ...(about.guarantee === 'at-most-once' ? [] : [poisoned(about.poison)]), // the one try that it has leaves its effect
  ];
}

/** `statement 2`, `publish 1`: by its number among all uses. */
export function stepOf({ what, number }: Point): string {
  return `${what} ${number}`;
}

function chooseFrom(points: readonly Point[], seed: number): readonly Point[] {
  const random = seededRandom(seed);
  const chosen = [...points];
  while (chosen.length > MOST_POINTS) chosen.splice(Math.floor(random() * chosen.length), 1);
  return chosen;
}

/** Something befalls the first worker; others do the rest. */
export function disturbed(fault: Scenario['fault'], step: string, what: Fault, point?: Point): Scenario {
  return {
    fault,
    step,
    ...(point === undefined ? {} : { point }),
    run: async (bench, options) => {
      const trial = await Trial.begin(bench, options);
      const { struck } = await trial.handle(trial.broker.all(), what);
      const aftermath = await trial.aftermath();
      await trial.heal();
      const findings = await trial.findings();
      if ('moment' in what.at) return { findings, hit: struck }; // it may have come further than it could tell
      return { findings, hit: struck, aftermath };
    },
  };
}

/** A worker stands still there, another is given its messages, and then it goes on. */
export function stalled(fault: Scenario['fault'], step: string, what: Fault): Scenario {
  return {
    fault,
    step,
    run: async (bench, options) => {
      const trial = await Trial.begin(bench, options);
      const { struck } = await trial.handleStalled(what);
      await trial.heal();
      return { findings: await trial.findings(), hit: struck };
    },
  };
}

/** Messages that come more than once, or in another order. */
export function duplicates(): readonly Scenario[] {
  const cell = (step: string, deliver: (trial: Trial<unknown>) => Promise<unknown>): Scenario => ({
    fault: 'duplicate',
    step,
    run: async (bench, options) => {
      const trial = await Trial.begin(bench, options);
      await deliver(trial as unknown as Trial<unknown>);
      await trial.heal();
      return { findings: await trial.findings(), hit: true };
    },
  });
  return [
    cell('in one batch', (trial) => trial.handle([...trial.broker.all(), ...trial.broker.all()])),
    cell('later', (trial) => trial.handle(trial.broker.all())),
    cell('at once', (trial) => trial.handleAtOnce()),
    cell('in another order', async (trial) => {
      for (const delivery of trial.broker.all().toReversed()) await trial.handle([delivery]);
    }),
  ];
}

/** One message fails at every try; its neighbours must not suffer for it. */
function poisoned(poison: string): Scenario {
  const fault: Fault = { kind: 'throw', at: { boundary: 'handled' }, poison };
  return {
    fault: 'poison',
    step: 'handled',
    poison,
    run: async (bench, options) => {
      const trial = await Trial.begin(bench, options);
      const { struck } = await trial.handle(trial.broker.all(), fault);
      const aftermath = await trial.aftermath();
      await trial.heal(fault);
      return { findings: await trial.findings(), hit: struck, aftermath };
    },
  };
}
