import { SemelError } from '../../core/errors.ts';
import { type Baseline, baselineOf, type Refusal } from './baseline.ts';
import { ProofBench } from './bench.ts';
import { type Control, controlOf } from './control.ts';
import { hintOf } from './hints.ts';
import { judge, siteOfOutside } from './judge.ts';
import type { ProofCell } from './proof-facts.ts';
import { type ProofSettings, type ProveOptions, proofSettings } from './prove-options.ts';
import { ProofReport } from './report.ts';
import { scenariosOf } from './scenario.ts';
import type { Violation } from './violation.ts';

/**
 * Does to a consumer what a broker and dying processes can do to it, and counts the effects: each message must have exactly one, and one record.
 *
 * Its worker dies at every boundary of the path and before each use of `tx` and `publish`; errors are thrown there; it stands still while another takes over;
 * messages come twice, at once and late; the reply to COMMIT is lost; one message is poison. A death is a simulated one: what was open is rolled back,
 * and a new worker takes over. What handlers do outside `tx` is found by its effects, which survive the rollback.
 *
 * Verdicts: `proven`; `refuted`, with what happened; `inconclusive`, where the effect cannot be seen or the handler fails by itself. Without the record the
 * same handler must show a duplicate, or nothing is proven.
 *
 * @throws SemelError `bad-option`, `capability-missing`; `not-proven` where `assert` is set; what `prepare`, `effect` and the store throw
 * @example
 * const report = await proveOnce({ store: () => sqlite('test.db'), consumer: payments, messages: [a, b], effect: (db) => count(db) });
 * report.assert();
 */
export async function proveOnce<Tx>(options: ProveOptions<Tx>): Promise<ProofReport> {
  const startedMs = performance.now();
  const settings = proofSettings(options);
  const { capabilities, name } = settings.stores[0];
  if (capabilities.transactions !== 'interactive') throw new SemelError('capability-missing', `proveOnce needs a store with interactive transactions; ${name} collects writes`);
  const bench = await ProofBench.open(settings);
  try {
    const report = reportOf(settings, await prove(bench), startedMs);
    if (settings.assert) report.assert();
    return report;
  } finally {
    await bench.close();
  }
}

interface Proof {
  readonly cells: readonly ProofCell[];
  readonly violations: readonly Violation[];
  readonly notes: readonly string[];
  readonly control?: Control;
  /** Why nothing is proven. */
  readonly reason?: string;
}

async function prove<Tx>(bench: ProofBench<Tx>): Promise<Proof> {
  const baseline = await baselineOf(bench);
  if ('reason' in baseline) return refused(baseline);
  const control = await controlOf(bench);
  const { cells, violations } = await play(bench, baseline);
  const missed = cells.filter(({ hits }) => hits === 0).map(({ fault, step }) => `${fault} at ${step}`);
  const reason = inconclusive(control) ?? (missed.length > 0 ? `these were never reached: ${missed.join(', ')}` : undefined);
  return { cells, violations, control, notes: notesOf(baseline, control), ...(reason === undefined ? {} : { reason }) };
}

async function play<Tx>(bench: ProofBench<Tx>, baseline: Baseline): Promise<{ readonly cells: readonly ProofCell[]; readonly violations: readonly Violation[] }> {
  const points = baseline.watched?.points ?? [];
  const { consumer, abortsOnError } = bench;
  const cells: ProofCell[] = [];
  const violations: Violation[] = [];
  for (const scenario of scenariosOf(points, { poison: baseline.poison, guarantee: consumer.guarantee, abortsOnError, seed: bench.settings.seed })) {
    const played = await scenario.run(bench, { watching: baseline.watched !== undefined });
    const found = judge(scenario, played, baseline, consumer);
    const { fault, step, point } = scenario;
    cells.push({ fault, step, ...(point?.site === undefined ? {} : { site: point.site }), trials: 1, hits: played.hit ? 1 : 0, violations: found.length });
    violations.push(...found);
  }
  const site = siteOfOutside(violations, points, baseline.watched?.entry);
  return { cells, violations: site === undefined ? violations : violations.map((violation) => (violation.kind === 'outside-transaction' ? { ...violation, site } : violation)) };
}

/** The handler does not even get through when nothing goes wrong. */
function refused({ reason, outside }: Refusal): Proof {
  if (outside === undefined) return { cells: [], violations: [], notes: [], reason };
  const { site, story } = outside;
  const where = { fault: 'none', step: 'handling' } as const;
  const hint = hintOf('outside-transaction', { fault: 'crash', step: 'handling' }, 'exactly-once');
  return { cells: [], notes: [], violations: [{ kind: 'outside-transaction', ...where, summary: reason, story, ...(site === undefined ? {} : { site }), hint }] };
}

function inconclusive(control: Control): string | undefined {
  if (control === 'unseen') return '`effect` gives the same before and after the handler: it does not see what the handler makes';
  if (control === 'unchanged') return 'without the record a second run leaves the same as the first: the effect is naturally once, or `effect` does not count what is made twice';
  return undefined;
}

function notesOf({ watched }: Baseline, control: Control): readonly string[] {
  return [
    ...(watched === undefined ? ['the handler does not work with a `tx` that is watched, so nothing was done between its statements'] : []),
    ...(watched?.points.length === 0 ? ['the handler was not seen to use `tx` or `publish`'] : []),
    ...(control === 'refused' ? ['without the record the database itself refuses a second effect, so a duplicate could not show; a loss could'] : []),
  ];
}

function reportOf<Tx>({ consumer, stores, seed }: ProofSettings<Tx>, { cells, violations, control, reason, notes }: Proof, startedMs: number): ProofReport {
  const verdict = violations.length > 0 ? 'refuted' : reason === undefined ? 'proven' : 'inconclusive';
  return new ProofReport({
    consumer: consumer.name,
    store: stores[0].name,
    verdict,
    seed,
    cells,
    violations,
    notes,
    durationMs: Math.round(performance.now() - startedMs),
    ...(control === undefined ? {} : { control }),
    ...(verdict === 'inconclusive' && reason !== undefined ? { reason } : {}),
  });
}
