import { type Baseline, baselineOf, type Refusal } from './baseline.ts';
import type { ProofBench } from './bench.ts';
import { type Control, controlOf } from './control.ts';
import { hintOf } from './hints.ts';
import { judge, siteOfOutside } from './judge.ts';
import type { ProofCell, ProofFacts } from './proof-facts.ts';
import type { ProofSettings } from './prove-options.ts';
import type { Played, Scenario } from './scenario.ts';
import type { Violation } from './violation.ts';
import type { Workforce } from './workforce.ts';

/** What is to be done to a consumer. */
export interface Course {
  /** To be played one after another. */
  scenarios(baseline: Baseline): readonly Scenario[];
  /** Told of each when it is over. */
  onTrial?(trial: PlayedTrial): void;
}

/** A trial that is over. */
export interface PlayedTrial {
  /** From 1 on. */
  readonly number: number;
  /** How many there are in all. */
  readonly of: number;
  readonly scenario: Scenario;
  readonly played: Played;
  readonly violations: readonly Violation[];
}

/** What a proof has found. */
export interface Proof {
  readonly cells: readonly ProofCell[];
  readonly violations: readonly Violation[];
  readonly notes: readonly string[];
  readonly control?: Control;
  /** Why nothing is proven. */
  readonly reason?: string;
}

/** Finds out what the handler does when nothing goes wrong, and without the inbox; then plays what is to be done to it. */
export async function proveOn<Tx>(bench: ProofBench<Tx>, course: Course): Promise<Proof> {
  const baseline = await baselineOf(bench);
  if ('reason' in baseline) return refused(baseline);
  const control = await controlOf(bench);
  const seesNothing = control === 'unseen' && baseline.published.size === 0;
  const { cells, violations } = seesNothing ? { cells: [], violations: [] } : await play(bench, baseline, course);
  const missed = cells.filter(({ hits }) => hits === 0).map(({ fault, step }) => `${fault} at ${step}`);
  const reason = inconclusive(control, bench.workforce) ?? (missed.length > 0 ? `these were never reached: ${missed.join(', ')}` : undefined);
  return { cells, violations, control, notes: notesOf(baseline, control, bench.workforce), ...(reason === undefined ? {} : { reason }) };
}

async function play<Tx>(
  bench: ProofBench<Tx>,
  baseline: Baseline,
  { scenarios, onTrial }: Course,
): Promise<{ readonly cells: readonly ProofCell[]; readonly violations: readonly Violation[] }> {
  const cells = new Map<string, ProofCell>();
  const violations: Violation[] = [];
  const all = scenarios(baseline);
  for (const [index, scenario] of all.entries()) {
    const played = await scenario.run(bench, { watching: baseline.watched !== undefined });
    const found = judge(scenario, played, baseline, bench.consumer);
    const cell = `${scenario.fault} ${scenario.step}`;
    cells.set(cell, added(cells.get(cell), scenario, played.hit, found.length));
    violations.push(...found);
    onTrial?.({ number: index + 1, of: all.length, scenario, played, violations: found });
  }
  const site = siteOfOutside(violations, baseline.watched?.points ?? [], baseline.watched?.entry);
  const sited = (violation: Violation) => (site !== undefined && violation.kind === 'outside-transaction' ? { ...violation, site } : violation);
  return { cells: [...cells.values()], violations: violations.map(sited) };
}

/** A cell with one more trial. */
function added(cell: ProofCell | undefined, { fault, step, point }: Scenario, hit: boolean, found: number): ProofCell {
  const { trials, hits, violations } = cell ?? { trials: 0, hits: 0, violations: 0 };
  const site = point?.site === undefined ? {} : { site: point.site };
  return { fault, step, ...site, trials: trials + 1, hits: hits + (hit ? 1 : 0), violations: violations + found };
}

/** The handler does not even get through when nothing goes wrong. */
function refused({ reason, outside }: Refusal): Proof {
  if (outside === undefined) return { cells: [], violations: [], notes: [], reason };
  const { site, story } = outside;
  const where = { fault: 'none', step: 'handling' } as const;
  const hint = hintOf('outside-transaction', { fault: 'crash', step: 'handling' }, 'exactly-once');
  return { cells: [], notes: [], violations: [{ kind: 'outside-transaction', ...where, summary: reason, story, ...(site === undefined ? {} : { site }), hint }] };
}

function inconclusive(control: Control, { watches }: Workforce<unknown>): string | undefined {
  if (control === 'unseen') return `\`effect\` gives the same before and after the handler: it does not see what the handler makes${watches ? '' : ', in another process'}`;
  if (control === 'unchanged') return 'without the record a second run leaves the same as the first: the effect is naturally once, or `effect` does not count what is made twice';
  return undefined;
}

function notesOf({ watched }: Baseline, control: Control, { watches }: Workforce<unknown>): readonly string[] {
  return [
    ...(watches && watched === undefined ? ['the handler does not work with a `tx` that is watched, so nothing was done between its statements'] : []),
    ...(watches && watched?.points.length === 0 ? ['the handler was not seen to use `tx` or `publish`'] : []),
    ...(control === 'refused' ? ['without the record the database itself refuses a second effect, so a duplicate could not show; a loss could'] : []),
  ];
}

/** A proof with its verdict. */
export function factsOf<Tx>({ consumer, stores, seed }: ProofSettings<Tx>, { cells, violations, control, reason, notes }: Proof, durationMs: number): ProofFacts {
  const verdict = violations.length > 0 ? 'refuted' : reason === undefined ? 'proven' : 'inconclusive';
  return {
    consumer: consumer.name,
    store: stores[0].name,
    verdict,
    seed,
    cells,
    violations,
    notes,
    durationMs: Math.round(durationMs),
    ...(control === undefined ? {} : { control }),
    ...(verdict === 'inconclusive' && reason !== undefined ? { reason } : {}),
  };
}
