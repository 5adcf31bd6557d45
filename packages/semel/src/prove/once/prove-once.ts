import type { Baseline } from './baseline.ts';
import { ProofBench } from './bench.ts';
import { factsOf, proveOn } from './proof.ts';
import { ProofFolder } from './proof-folder.ts';
import { ProofWorker } from './proof-worker.ts';
import { type ProveOptions, proofSettings } from './prove-options.ts';
import { ProofReport } from './report.ts';
import { scenariosOf } from './scenario.ts';
import type { Subject } from './subject.ts';
import type { Workforce } from './workforce.ts';

/** A transaction here is over by then, or waits for another's. */
const STALL_MS = 10;

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
  using folder = new ProofFolder();
  const settings = proofSettings(options, folder);
  const bench = await ProofBench.open(settings, inThisProcess);
  try {
    const { consumer, abortsOnError } = bench.subject;
    const about = { guarantee: consumer.guarantee, abortsOnError, seed: settings.seed };
    const proof = await proveOn(bench, { scenarios: ({ watched, poison }: Baseline) => scenariosOf(watched?.points ?? [], { ...about, poison }) });
    const report = new ProofReport(factsOf(settings, proof, performance.now() - startedMs));
    if (settings.assert) report.assert();
    return report;
  } finally {
    await bench.close();
  }
}

function inThisProcess<Tx>(subject: Subject<Tx>): Workforce<Tx> {
  return { patienceMs: STALL_MS, watches: true, hire: (assignment) => new ProofWorker(subject, assignment), close: async () => {} };
}
